import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import type { Parts } from '../routes/parts.ts'
import { type AccountsCommand, readUsersCommand, USAGE } from './arguments.ts'
import {
  accountNamed,
  deleteUser,
  makeResetLink,
  renameUser,
  setDisabled,
  setRoles,
  signOutUser,
} from './change-user.ts'
import { GaveUp, UsageError } from './explain.ts'
import { askNewPassword, readPassword } from './password.ts'
import { resetPassword } from './reset-password.ts'
import { runCommand, withEngines } from './run-command.ts'
import { tellStory } from './story.ts'
import { addUser, listUsers } from './users.ts'

/** `oneseat users`: manages accounts on the command line, with the server's own settings, database and rules. */
export async function runUsers(args: readonly string[]): Promise<void> {
  await runCommand({ name: 'users', help: 'npm run users -- --help' }, async () => {
    const command = readUsersCommand(args)
    if (command.name === 'help') return print([USAGE.trimEnd()])
    const make = command.name === 'add' || command.name === 'import' // the others need somebody who is there
    const use = { make, withSessions: !WITHOUT_SESSIONS.has(command.name) }
    await withEngines('users', use, async (engines, settings, app) => {
      const { assembleParts } = await import('../assemble.ts')
      await run(command, assembleParts(app, settings, engines))
    })
  })
}

async function run(command: AccountsCommand, parts: Parts): Promise<void> {
  switch (command.name) {
    case 'roles':
      return print([await setRoles(parts, command)])
    case 'rename':
      return print([await renameUser(parts, command)])
    case 'disable':
    case 'enable':
      return print([await setDisabled(parts, command.username, command.name === 'disable')])
    case 'signout':
      return print([await signOutUser(parts, command.username)])
    case 'delete':
      return print([await deleteUser(parts, command.username)])
    case 'reset-link':
      return print(await makeResetLink(parts, command.username))
    case 'export':
      return print([await exportUser(parts, command.username)])
    case 'list':
      return print(listUsers(parts.accounts))
    case 'why':
      return print(tellStory(parts, command.username))
    case 'import':
      return runImport(command, parts)
    case 'password':
      return print([await resetPassword(parts, { ...command, password: await passwordFor(command) })])
    case 'add':
      return print([
        await addUser(parts, { ...command, password: await passwordFor(command) }, Date.now()),
      ])
  }
}

async function exportUser(parts: Parts, username: string): Promise<string> {
  const account = await accountNamed(parts.accounts, username)
  const { exportOf } = await import('../routes/export.ts')
  return JSON.stringify(await exportOf(parts, account, parts.now()), null, 2)
}

async function runImport({ file, partial }: ImportCommand, parts: Parts): Promise<void> {
  const [{ decodeText, readUserFile }, { importUsers, tellBadLines }] = await Promise.all([
    import('./user-file.ts'),
    import('./import.ts'),
  ])
  const format = /\.csv$/i.test(file) ? 'csv' : 'jsonl'
  const users = readUserFile(decodeText(await readFile(file), file), format)
  const { made, bad } = await importUsers(
    { ...parts, random: randomBytes, clock: Date.now },
    users,
    partial,
  )
  for (const line of tellBadLines(file, bad)) process.stderr.write(`${line}\n`)
  const imported = `${count(made, 'account was', 'accounts were')} imported`
  if (bad.length > 0 && !partial) {
    const outcome = made === 0 ? 'nothing was imported' : `${imported}, others signed up meanwhile`
    throw new GaveUp(`${outcome}: ${count(bad.length, 'line is', 'lines are')} bad`)
  }
  await print([`${imported}.`])
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

const WITHOUT_SESSIONS: ReadonlySet<string> = new Set(['list', 'add', 'import', 'why'])

type ImportCommand = AccountsCommand & { name: 'import' }
