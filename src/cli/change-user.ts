import type { Account, AccountChange, Accounts } from '../accounts/accounts.ts'
import { requireNewUsername } from '../accounts/name-profile.ts'
import { requireUsername } from '../accounts/username.ts'
import type { Parts } from '../routes/parts.ts'
import { COMMAND_LINE, noteOfCommand } from '../timeline/note.ts'
import { GaveUp } from './explain.ts'
import { showTime } from './time.ts'

/** Finds the account of this name; throws `GaveUp` if there is none. */
export async function accountNamed(accounts: Accounts, username: string): Promise<Account> {
  const account = await accounts.findByUsername(requireUsername(username))
  if (account === null) throw new GaveUp(`there is no account ${username}`)
  return account
}

/** Gives an account these roles and no others. */
export async function setRoles(
  parts: Parts,
  { username, roles }: { username: string; roles: readonly string[] },
): Promise<string> {
  const account = await change(parts, username, { roles })
  const has =
    roles.length === 0 ? 'no roles' : `${roles.length === 1 ? 'role' : 'roles'} ${roles.join(', ')}`
  return `${account.username} has ${has} now.`
}

/** Gives an account another name. */
export async function renameUser(
  parts: Parts,
  { username, to }: { username: string; to: string },
): Promise<string> {
  const name = requireNewUsername(to)
  const account = await change(parts, username, { username: name })
  return `${account.username} is called ${name} now.`
}

/** Disables an account and ends its sessions, or enables it again. */
export async function setDisabled(parts: Parts, username: string, disabled: boolean): Promise<string> {
  const account = await change(parts, username, { disabled })
  return disabled
    ? `${account.username} is disabled, and signed out everywhere.`
    : `${account.username} may sign in again.`
}

/** Ends all sessions of an account. */
export async function signOutUser({ accounts, sessions }: Parts, username: string): Promise<string> {
  const account = await accountNamed(accounts, username)
  const ended = await sessions.revoke(account.handle, null, 'session_revoked', noteOfCommand([]))
  return ended.length === 0
    ? `${account.username} was not signed in.`
    : `${account.username} is signed out everywhere.`
}

/** Deletes an account and all data about its user. */
export async function deleteUser({ accounts, remove }: Parts, username: string): Promise<string> {
  const account = await accountNamed(accounts, username)
  if (!(await remove(account, { reqId: null, by: COMMAND_LINE }))) throw gone(username)
  return `${account.username} is deleted. Nobody can have the name for 30 days.`
}

/**
 * Signs a user out everywhere, and makes a link to set another password. Gives two lines; the first is the link or token to pass
 * on.
 */
export async function makeResetLink({ accounts, resets }: Parts, username: string): Promise<string[]> {
  const account = await accountNamed(accounts, username)
  const { token, url, expiresAt } = await resets.issue(account, noteOfCommand(['reset_requested']))
  const until = showTime(expiresAt, 'minute')
  return [url ?? token, `It sets another password for ${account.username}, once, until ${until} UTC.`]
}

async function change(
  { accounts, sessions }: Parts,
  username: string,
  wish: AccountChange,
): Promise<Account> {
  const account = await accountNamed(accounts, username)
  const note = noteOfCommand([])
  const done = await sessions.update(account.handle, accounts.change(account, wish), note)
  if (done === null) throw gone(username)
  return account
}

function gone(username: string): GaveUp {
  return new GaveUp(`there is no account ${username} any more`)
}
