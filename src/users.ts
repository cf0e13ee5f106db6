import { existsSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { readUsersCommand, USAGE } from './cli/arguments.ts'
import { explainToPerson, UsageError } from './cli/explain.ts'
import { askNewPassword, readPassword } from './cli/password.ts'
import { addUser, listUsers } from './cli/users.ts'
import { openEngines } from './engines.ts'
import { createFastify } from './http/fastify.ts'
import { assembleParts } from './parts.ts'
import { readSettings } from './settings.ts'

/** `npm run users`: accounts from the command line, over the server's own settings, database and rules. */
async function main(): Promise<void> {
  const command = readUsersCommand(process.argv.slice(2))
  if (command.name === 'help') {
    process.stdout.write(USAGE)
    return
  }
  if (existsSync('.env')) process.loadEnvFile('.env')
  const settings = { ...readSettings(process.env), REDIS_URL: '' } // no session is touched
  const app = createFastify({ logLevel: 'silent', trustProxy: [] })
  try {
    const parts = assembleParts(app, settings, await openEngines(app, settings))
    if (command.name === 'list') {
      for await (const line of listUsers(parts.accounts)) process.stdout.write(`${line}\n`)
    } else {
      const password = command.passwordFromStdin
        ? readPassword(await buffer(process.stdin))
        : await ask()
      process.stdout.write(`${await addUser(parts, { ...command, password })}\n`)
    }
  } finally {
    await app.close()
  }
}

function ask(): Promise<string> {
  if (process.stdin.isTTY) return askNewPassword(process.stdin, process.stderr)
  throw new UsageError('there is no terminal to ask for the password on; use --password-stdin')
}

main().catch((error: unknown) => {
  process.stderr.write(`users: ${explainToPerson(error)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
