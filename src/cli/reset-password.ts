import type { Accounts } from '../accounts/accounts.ts'
import { checkNewPassword } from '../accounts/password-policy.ts'
import type { Passwords } from '../accounts/passwords.ts'
import { requireUsername } from '../accounts/username.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { ON_COMMAND_LINE } from './event.ts'
import { GaveUp } from './explain.ts'

type Needed = {
  accounts: Accounts
  passwords: Passwords
  sessions: Sessions
  timeline: Timeline
  clock: () => number
}

/** Sets another password for somebody who has lost theirs, or whose is known to others; all their sessions end. */
export async function resetPassword(
  { accounts, passwords, sessions, timeline, clock }: Needed,
  { username, password }: { username: string; password: string },
): Promise<string> {
  const account = await accounts.findByUsername(requireUsername(username))
  if (account === null) throw new GaveUp(`nobody is called ${username}`)
  await checkNewPassword(password, account.username)
  const hash = await passwords.hash(password)
  await sessions.renew({ handle: account.handle, secretHash: NOBODYS }, async () => {
    const changed = await accounts.setPassword(account.id, account.credentialEpoch, hash)
    if (changed === null) throw new GaveUp('the password was changed meanwhile; try again')
    timeline.record({ ...ON_COMMAND_LINE, userId: account.id, type: 'password_changed', at: clock() })
    return changed
  })
  return `${account.username} has another password now, and is signed out everywhere.`
}

/** No session goes on: nothing has this hash. */
const NOBODYS = ''
