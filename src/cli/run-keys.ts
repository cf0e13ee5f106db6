import { randomBytes } from 'node:crypto'
import { openEngines } from '../database/engines.ts'
import { createFastify } from '../http/server.ts'
import type { Keys } from '../keys/keys.ts'
import { hashServiceKey, newServiceKey } from '../keys/service-key.ts'
import { loadDotEnv } from '../settings/dot-env.ts'
import { pointOutMisspelt } from '../settings/misspelt-settings.ts'
import { readSettings } from '../settings/settings.ts'
import { explainToPerson, GaveUp, UsageError } from './explain.ts'
import { KEYS_USAGE, type KeyCommand, readKeysCommand } from './keys-arguments.ts'

/** `oneseat keys`: service keys from the command line, over the server's own settings and database. */
export async function runKeys(args: readonly string[]): Promise<void> {
  try {
    await main(args)
  } catch (error) {
    process.stderr.write(`keys: ${explainToPerson(error, 'keys')}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}

async function main(args: readonly string[]): Promise<void> {
  const command = readKeysCommand(args)
  if (command.name === 'help') {
    process.stdout.write(KEYS_USAGE)
    return
  }
  loadDotEnv(process.env)
  pointOutMisspelt('keys', process.env, process.stderr)
  const settings = { ...readSettings(process.env), REDIS_URL: '' } // keys are in SQL
  const app = createFastify({ logLevel: 'silent', trustProxy: [] })
  try {
    const { keys } = await openEngines(app, settings)
    await run(command, keys)
  } finally {
    await app.close()
  }
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
        const used = lastUsedAt === null ? 'never' : minute(lastUsedAt)
        process.stdout.write(`${[name, scope, minute(createdAt), used].join('\t')}\n`)
      }
  }
}

/** The key alone goes to standard output, so that a program can take it up. */
async function addKey({ key: name, scope }: { key: string; scope: 'sign-in' | 'admin' }, keys: Keys) {
  const key = newServiceKey(randomBytes)
  const isNew = await keys.add({ name, scope, hash: hashServiceKey(key) })
  if (!isNew) throw new GaveUp(`there is a key ${name} already; revoke it first, or take another name`)
  process.stderr.write(`The key ${name} is for ${scope}. It is shown only now:\n`)
  process.stdout.write(`${key}\n`)
}

function minute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}
