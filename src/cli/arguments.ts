import { Value } from '@sinclair/typebox/value'
import { Role } from '../../schemas/user.ts'
import { UsageError } from './explain.ts'
import { parseArguments } from './parse-arguments.ts'

type UsersCommand = { name: 'help' } | AccountsCommand

/** The commands that need the database. */
export type AccountsCommand =
  | { name: 'list' }
  | { name: 'add'; username: string; roles: readonly string[]; passwordFromStdin: boolean }
  | { name: 'password'; username: string; passwordFromStdin: boolean }
  | { name: 'import'; file: string; partial: boolean }
  | { name: 'roles'; username: string; roles: readonly string[] }
  | { name: 'rename'; username: string; to: string }
  | { name: (typeof OF_ONE)[number]; username: string }

/** Commands that take only a name. */
const OF_ONE = ['reset-link', 'disable', 'enable', 'signout', 'delete', 'export', 'why'] as const

export const USAGE = `Accounts of Oneseat.

  npm run users -- add NAME [--role ROLE]… [--password-stdin]
      Makes an account. Asks for the password, or reads it from standard input.
  npm run users -- password NAME [--password-stdin]
      Sets another password for somebody who has lost theirs, and ends all their sessions.
  npm run users -- reset-link NAME
      Ends all sessions of an account, and makes a link for its owner to set another password. The
      old password can then only be used to change it.
  npm run users -- roles NAME [ROLE]…
      Gives an account these roles and no others. Without a ROLE it has none.
  npm run users -- rename NAME NEW-NAME
  npm run users -- disable NAME
  npm run users -- enable NAME
  npm run users -- signout NAME
      Ends all sessions of an account.
  npm run users -- delete NAME
      Deletes an account and all data about its user, at once. The name is free after 30 days.
  npm run users -- export NAME
      Prints all data about a user, as one JSON document.
  npm run users -- list
      Lists all accounts.
  npm run users -- import FILE [--partial]
      Makes accounts from a file of another system: JSON lines, or .csv with a header, with
      username, passwordHash and roles. Hashes are argon2, bcrypt, scrypt or PBKDF2, also as Django,
      Flask, Spring and WordPress write them. If a line is bad, nothing is made; with --partial, all
      but the bad lines are.
  npm run users -- why NAME
      Prints what happened to an account: who signed in, who was signed out, and why.

Settings are the server's own, such as DATABASE_URL, from the environment or .env.
`

/**
 * Reads the arguments of `oneseat users`. A password is never an argument: the shell keeps those in its history, and other users
 * can see them.
 */
export function readUsersCommand(args: readonly string[]): UsersCommand {
  const { values, positionals } = parseArguments(args, OPTIONS)
  const [name, ...operands] = positionals
  const [username] = operands
  if (values.help || name === undefined) return { name: 'help' }
  if (name === 'list') {
    if (args.length > 1) throw new UsageError('list takes no arguments')
    return { name }
  }
  const ofOne = OF_ONE.find((each) => each === name)
  if (ofOne !== undefined) {
    if (username === undefined || args.length > 2) throw new UsageError(`${name} takes one name`)
    return { name: ofOne, username }
  }
  if (name === 'import') {
    const [file] = operands
    if (file === undefined || args.length > (values.partial ? 3 : 2))
      throw new UsageError('import takes one file, and --partial')
    return { name, file, partial: values.partial }
  }
  if (name === 'password') {
    const fromStdin = values['password-stdin']
    if (username === undefined || args.length > (fromStdin ? 3 : 2))
      throw new UsageError('password takes one name, and --password-stdin')
    return { name, username, passwordFromStdin: fromStdin }
  }
  if (name === 'rename') {
    const [, to] = operands
    if (username === undefined || to === undefined || args.length > 3)
      throw new UsageError('rename takes two names')
    return { name, username, to }
  }
  if (name === 'roles') {
    if (username === undefined || values.partial || values['password-stdin'])
      throw new UsageError('roles takes a name and roles')
    return { name, username, roles: readRoles([...operands.slice(1), ...values.role]) }
  }
  if (name !== 'add') throw new UsageError(`there is no command ${name}`)
  if (username === undefined || operands.length > 1 || values.partial)
    throw new UsageError('add takes one name')
  return {
    name,
    username,
    roles: readRoles(values.role),
    passwordFromStdin: values['password-stdin'],
  }
}

function readRoles(given: readonly string[]): string[] {
  const roles = [...new Set(given)]
  for (const role of roles) {
    if (!Value.Check(Role, role))
      throw new UsageError(`${role} cannot be a role: use a to z, 0 to 9, - and _`)
  }
  return roles
}

const OPTIONS = {
  role: { type: 'string', multiple: true, default: [] as string[] },
  'password-stdin': { type: 'boolean', default: false },
  partial: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const
