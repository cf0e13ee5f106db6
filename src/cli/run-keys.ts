import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import type { Keys } from '../keys/keys.ts'
import { hashServiceKey, newServiceKey } from '../keys/service-key.ts'
import { saidOutside } from '../settings/start-failure.ts'
import { GaveUp } from './explain.ts'
import { KEYS_USAGE, type KeyCommand, readKeysCommand } from './keys-arguments.ts'
import { runCommand, withEngines } from './run-command.ts'
import { showTime } from './time.ts'

/** `oneseat keys`: manages service keys on the command line, with the server's own settings and database. */
export async function runKeys(args: readonly string[]): Promise<void> {
  await runCommand({ name: 'keys', help: 'npm run keys -- --help' }, async () => {
    const command = readKeysCommand(args)
    if (command.name === 'help') return void process.stdout.write(KEYS_USAGE)
    await withEngines('keys', { make: command.name === 'add' }, ({ keys }) => run(command, keys))
  })
}

async function run(command: KeyCommand, keys: Keys): Promise<void> {
  switch (command.name) {
    case 'add':
      return addKey(command, keys)
    case 'revoke':
      if (!(await keys.revoke(command.key))) throw new GaveUp(`there is no key ${command.key}`)
      process.stdout.write(`The key ${command.key} is refused from now on.\n`)
      return
    case 'list':
      for (const { name, scope, createdAt, lastUsedAt } of await keys.list()) {
        const used = lastUsedAt === null ? 'never' : showTime(lastUsedAt, 'minute')
        process.stdout.write(`${[name, scope, showTime(createdAt, 'minute'), used].join('\t')}\n`)
      }
  }
}

/** Only the key goes to standard output, so that a program can read it. */
async function addKey({ key: name, scope }: { key: string; scope: 'sign-in' | 'admin' }, keys: Keys) {
  const key = newServiceKey(randomBytes)
  const isNew = await keys.add({ name, scope, hash: hashServiceKey(key) })
  if (!isNew) throw new GaveUp(`there is a key ${name} already; revoke it first, or take another name`)
  process.stderr.write(`The key ${name} is for ${scope}. It is shown only now:\n`)
  try {
    writeSync(process.stdout.fd, `${key}\n`)
  } catch (error) {
    await keys.revoke(name)
    throw new GaveUp(`it could not be written, and is no key any more: ${saidOutside(error)}`)
  }
}
