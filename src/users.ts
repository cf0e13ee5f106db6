import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import type { Parts } from './app.ts'
import { type AccountsCommand, readUsersCommand, USAGE } from './cli/arguments.ts'
import { explainToPerson, GaveUp, UsageError } from './cli/explain.ts'
import { importUsers } from './cli/import.ts'
import { askNewPassword, readPassword } from './cli/password.ts'
import { resetPassword } from './cli/reset-password.ts'
import { tellStory } from './cli/story.ts'
import { decodeText, readUserFile } from './cli/user-file.ts'
import { addUser, listUsers } from './cli/users.ts'
import { loadDotEnv } from './dot-env.ts'
import { openEngines } from './engines.ts'
import { createFastify } from './http/fastify.ts'
import { pointOutMisspelt } from './misspelt-settings.ts'
import { assembleParts } from './parts.ts'
import { readSettings } from './settings.ts'

/** `npm run users`: accounts from the command line, over the server's own settings, database and rules. */
async function main(): Promise<void> {
  const command = readUsersCommand(process.argv.slice(2))
  if (command.name === 'help') return print([USAGE.trimEnd()])
  loadDotEnv(process.env)
  pointOutMisspelt('users', process.env, process.stderr)
  const given = readSettings(process.env)
  // Only another password touches sessions.
  const settings = command.name === 'password' ? given : { ...given, REDIS_URL: '' }
  const app = createFastify({ logLevel: 'silent', trustProxy: [] })
  try {
    const parts = assembleParts(app, settings, await openEngines(app, settings))
    await run(command, parts)
  } finally {
    await app.close()
  }
}

async function run(command: AccountsCommand, parts: Parts): Promise<void> {
  switch (command.name) {
    case 'list':
      return print(listUsers(parts.accounts))
    case 'why':
      return print(tellStory(parts, command.username))
    case 'import':
      return runImport(command, parts)
    case 'password':
      return print([await resetPassword(parts, { ...command, password: await passwordFor(command) })])
    case 'add':
      return print([await addUser(parts, { ...command, password: await passwordFor(command) })])
  }
}

async function runImport({ file, partial }: ImportCommand, parts: Parts): Promise<void> {
  const format = /\.csv$/i.test(file) ? 'csv' : 'jsonl'
  const users = readUserFile(decodeText(await readFile(file), file), format)
  const { made, bad } = await importUsers({ ...parts, random: randomBytes }, users, partial)
  for (const { line, problem } of bad) process.stderr.write(`${file}:${line}: ${problem}\n`)
  if (bad.length > 0 && !partial) {
    throw new GaveUp(`nothing was imported: ${count(bad.length, 'line is', 'lines are')} bad`)
  }
  await print([`${count(made, 'account was', 'accounts were')} imported.`])
}

async function print(lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  for await (const line of lines) process.stdout.write(`${line}\n`)
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}

async function passwordFor({ passwordFromStdin }: { passwordFromStdin: boolean }): Promise<string> {
  if (passwordFromStdin) return readPassword(await buffer(process.stdin))
  if (process.stdin.isTTY) return askNewPassword(process.stdin, process.stderr)
  throw new UsageError('there is no terminal to ask for the password on; use --password-stdin')
}

type ImportCommand = AccountsCommand & { name: 'import' }

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0) // whoever reads has read enough
})

main().catch((error: unknown) => {
  process.stderr.write(`users: ${explainToPerson(error)}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
})
