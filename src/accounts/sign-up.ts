import { newHandle, type RandomBytes } from '../sessions/token.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import type { Account, Accounts, Along } from './accounts.ts'
import type { Client } from './hash-queue.ts'
import { requireNewUsername } from './name-profile.ts'
import { checkNewPassword } from './password-policy.ts'
import type { Passwords } from './passwords.ts'

/**
 * Makes an account, for HTTP and for the command line. Throws `invalid_request` for a name that is not allowed,
 * `password_too_short`, `password_too_common`, `username_taken` (also by a name that looks the same). Stores `event` with the
 * account. `client` says for whom the hash is, if not for the operator; `alongOf` says what else to do in the transaction.
 */
export type SignUp = (
  wish: { username: string; password: string; roles: readonly string[] },
  event: Omit<TimelineEvent, 'userId'>,
  client?: Client,
  alongOf?: (account: Pick<Account, 'id' | 'username' | 'email' | 'credentialNumber'>) => Along,
) => Promise<Account>

export function signUpWith(
  accounts: Accounts,
  passwords: Passwords,
  random: RandomBytes,
  clock: () => number,
): SignUp {
  return async ({ username, password, roles }, event, client, alongOf = () => ({})) => {
    const name = requireNewUsername(username)
    await checkNewPassword(password, name)
    const id = random(12).toString('base64url')
    const account = {
      id,
      handle: newHandle(random),
      username: name,
      passwordHash: await passwords.hash(password, client),
      roles,
      createdAt: clock(),
    }
    return accounts.create(
      account,
      event,
      alongOf({ id, username: name, email: null, credentialNumber: 0 }),
    )
  }
}
