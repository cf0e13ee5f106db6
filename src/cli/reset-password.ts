import { checkNewPassword } from '../accounts/password-policy.ts'
import type { Parts } from '../routes/parts.ts'
import { noteOfCommand } from '../timeline/note.ts'
import { accountNamed } from './change-user.ts'
import { GaveUp } from './explain.ts'

/** Sets another password for a user whose password is lost or known to others. All their sessions end. */
export async function resetPassword(
  { accounts, passwords, sessions }: Parts,
  { username, password }: { username: string; password: string },
): Promise<string> {
  const account = await accountNamed(accounts, username)
  await checkNewPassword(password, account.username)
  const passwordHash = await passwords.hash(password)
  const change = accounts.change(account, { passwordHash }, { ifCredential: account.credentialNumber })
  const changed = await sessions.update(account.handle, change, noteOfCommand(['password_changed']))
  if (changed === null) throw new GaveUp('the password was changed meanwhile; try again')
  return `${account.username} has another password now, and is signed out everywhere.`
}
