import { parseArgs } from 'node:util'
import { Value } from '@sinclair/typebox/value'
import { Role } from '../../schemas/user.ts'
import { UsageError } from './explain.ts'

export type UsersCommand = { name: 'help' } | AccountsCommand

/** What needs the database. */
export type AccountsCommand =
  | { name: 'list' }
  | { name: 'add'; username: string; roles: readonly string[]; passwordFromStdin: boolean }
  | { name: 'password'; username: string; passwordFromStdin: boolean }
  | { name: 'import'; file: string; partial: boolean }
  | { name: 'why'; username: string }

export const USAGE = `Accounts of Oneseat.

  npm run users -- add NAME [--role ROLE]… [--password-stdin]
      Makes an account. Asks for the password, or reads it from standard input.
  npm run users -- password NAME [--password-stdin]
      Sets another password for somebody who has lost theirs, and ends all their sessions.
  npm run users -- list
      Shows who has an account.
  npm run users -- import FILE [--partial]
      Makes the accounts in a file of another system: JSON lines, or .csv with a header, with
      username, passwordHash and roles. Hashes are argon2, bcrypt, scrypt or PBKDF2, also as Django,
      Flask, Spring and WordPress write them. If a line is bad nothing is made; with --partial, all
      but the bad lines.
  npm run users -- why NAME
      Tells what happened to an account: who signed in, who was signed out, and why.

Settings are the server's own, such as DATABASE_URL, from the environment or .env.
`

/** What the arguments ask for. A password is never one of them: those are in the shell's history, and others see them. */
export function readUsersCommand(args: readonly string[]): UsersCommand {
  const { values, positionals } = parse(args)
  const [name, ...operands] = positionals
  if (values.help || name === undefined) return { name: 'help' }
  if (name === 'list') {
    if (args.length > 1) throw new UsageError('list takes nothing more')
    return { name }
  }
  if (name === 'why') {
    const [username] = operands
    if (username === undefined || args.length > 2) throw new UsageError('why takes one name')
    return { name, username }
  }
  if (name === 'import') {
    const [file] = operands
    if (file === undefined || args.length > (values.partial ? 3 : 2))
      throw new UsageError('import takes one file, and --partial')
    return { name, file, partial: values.partial }
  }
  if (name === 'password') {
    const [username] = operands
    const fromStdin = values['password-stdin']
    if (username === undefined || args.length > (fromStdin ? 3 : 2))
      throw new UsageError('password takes one name, and --password-stdin')
    return { name, username, passwordFromStdin: fromStdin }
  }
  if (name !== 'add') throw new UsageError(`there is no command ${name}`)
  const [username] = operands
  if (username === undefined || operands.length > 1 || values.partial)
    throw new UsageError('add takes one name')
  const roles = [...new Set(values.role)]
  for (const role of roles) {
    if (!Value.Check(Role, role)) throw new UsageError(`${role} is no role: a to z, 0 to 9, - and _`)
  }
  return { name, username, roles, passwordFromStdin: values['password-stdin'] }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        role: { type: 'string', multiple: true, default: [] },
        'password-stdin': { type: 'boolean', default: false },
        partial: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ', 1)[0] ?? '')
  }
}
