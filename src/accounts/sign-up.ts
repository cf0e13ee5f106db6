import { newHandle, type RandomBytes } from '../sessions/token.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import type { Account, Accounts, Along } from './accounts.ts'
import type { Client } from './hash-queue.ts'
import { requireNewUsername } from './name-profile.ts'
import { checkNewPassword } from './password-policy.ts'
import type { Passwords } from './passwords.ts'

/**
 * Makes an account, on every way in (HTTP, command line). Throws `invalid_request` for a name that is none,
 * `password_too_short`, `password_too_common`, `username_taken` (also by a name that looks the same). Keeps `event` with it.
 * `client` says for whom the hash is, if not for the operator; `alongOf` what else happens with it.
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
