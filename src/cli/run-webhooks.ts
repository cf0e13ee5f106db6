import type { DeadLetter, Queue } from '../outbox/queue.ts'
import { GaveUp, showPlainly, UsageError } from './explain.ts'
import { runCommand, withEngines } from './run-command.ts'
import { showTime } from './time.ts'

const USAGE = `Webhooks and mails that could not be delivered.

  oneseat webhooks list
      Shows dead letters: messages that were tried for three days and given up, with id, kind, type,
      user, time, and why they did not arrive.
  oneseat webhooks retry ID
  oneseat webhooks retry --all
      Makes the running service try one of them, or all, again.

Settings are the server's own, such as DATABASE_URL, from the environment or .env.
`

/** `oneseat webhooks`: lists and retries dead letters on the command line. */
export async function runWebhooks([name = '--help', ...operands]: readonly string[]): Promise<void> {
  await runCommand({ name: 'webhooks', help: 'oneseat webhooks --help' }, async () => {
    if (name === '--help' || name === '-h') return void process.stdout.write(USAGE)
    if (name !== 'list' && name !== 'retry') throw new UsageError(`there is no command ${name}`)
    if (operands.length !== (name === 'list' ? 0 : 1))
      throw new UsageError(name === 'list' ? 'list takes nothing more' : 'retry takes one id, or --all')
    await withEngines('webhooks', { make: false }, async ({ outbox: { queue } }) => {
      for await (const line of name === 'list' ? list(queue) : retry(queue, operands[0] ?? ''))
        process.stdout.write(`${line}\n`)
    })
  })
}

async function* list(queue: Queue): AsyncGenerator<string> {
  for (let after = 0; ; ) {
    const page = await queue.dead(PAGE, after)
    for (const letter of page) yield describe(letter)
    const last = page.at(-1)
    if (last === undefined) return
    after = last.seq
  }
}

function describe({ id, kind, type, userId, createdAt, deadAt, attempts, error }: DeadLetter): string {
  const [made, given] = [createdAt, deadAt].map((at) => showTime(at, 'second'))
  const fields = [id, kind, type, userId ?? '-', made, `given up ${given} after ${attempts} attempts`]
  return showPlainly([...fields, error].join('  '))
}

async function* retry(queue: Queue, id: string): AsyncGenerator<string> {
  const count = id === '--all' ? await retryAll(queue) : await queue.retry(id)
  if (count === 0 && id !== '--all') throw new GaveUp(`there is no dead letter with the id ${id}`)
  yield count === 1 ? '1 is tried again.' : `${count} are tried again.`
}

/** Retries some at a time: there may be too many for the time limit of one statement. */
async function retryAll(queue: Queue): Promise<number> {
  for (let all = 0; ; ) {
    const some = await queue.retry(null, PAGE)
    all += some
    if (some < PAGE) return all
  }
}

const PAGE = 200
