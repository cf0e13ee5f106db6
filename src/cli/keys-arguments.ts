import { SCOPES, type Scope } from '../keys/keys.ts'
import { UsageError } from './explain.ts'
import { parseArguments } from './parse-arguments.ts'

type KeysCommand = { name: 'help' } | KeyCommand

/** The commands that need the database. */
export type KeyCommand =
  | { name: 'list' }
  | { name: 'add'; key: string; scope: Scope }
  | { name: 'revoke'; key: string }

export const KEYS_USAGE = `Service keys of Oneseat, for your own backends. A key takes no seat.

  npm run keys -- add NAME --scope sign-in|admin
      Makes a key and shows it once. sign-in: may sign users in with POST /sessions.
      admin: may do all that administrators may do.
  npm run keys -- list
      Shows the name and scope of each key, and when it was made and last used. Never the key.
  npm run keys -- revoke NAME
      Removes a key: every instance refuses it from the next request on.

Settings are the server's own, such as DATABASE_URL, from the environment or .env.
`

/** Reads the arguments of `oneseat keys`. */
export function readKeysCommand(args: readonly string[]): KeysCommand {
  const { values, positionals } = parseArguments(args, OPTIONS)
  const [name, key, ...more] = positionals
  if (values.help || name === undefined) return { name: 'help' }
  if (name === 'list') {
    if (args.length > 1) throw new UsageError('list takes no arguments')
    return { name }
  }
  if (name !== 'add' && name !== 'revoke') throw new UsageError(`there is no command ${name}`)
  if (key === undefined || more.length > 0) throw new UsageError(`${name} takes one name`)
  if (name === 'revoke') {
    if (values.scope !== undefined) throw new UsageError('revoke takes one name')
    return { name, key }
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(key))
    throw new UsageError(`${key} cannot be the name of a key: use letters, digits, . _ and -`)
  const scope = SCOPES.find((each) => each === values.scope)
  if (scope === undefined) throw new UsageError(`add needs --scope ${SCOPES.join(' or --scope ')}`)
  return { name, key, scope }
}

const OPTIONS = {
  scope: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const
