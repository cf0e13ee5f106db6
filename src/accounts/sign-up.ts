import { newHandle, type RandomBytes } from '../sessions/token.ts'
import type { Account, Accounts } from './accounts.ts'
import type { Client } from './hash-queue.ts'
import { checkNewPassword } from './password-policy.ts'
import type { Passwords } from './passwords.ts'
import { requireUsername } from './username.ts'

/**
 * Makes an account, on every way in (HTTP, command line). Throws `invalid_request` for a name that is none,
 * `password_too_short`, `password_too_common`, `username_taken`. `client` says for whom the hash is, if not for the operator.
 */
export type SignUp = (
  wish: { username: string; password: string; roles: readonly string[] },
  client?: Client,
) => Promise<Account>

export function signUpWith(
  accounts: Accounts,
  passwords: Passwords,
  random: RandomBytes,
  clock: () => number,
): SignUp {
  return async ({ username, password, roles }, client) => {
    const name = requireUsername(username)
    checkNewPassword(password, name)
    return accounts.create({
      id: random(12).toString('base64url'),
      handle: newHandle(random),
      username: name,
      passwordHash: await passwords.hash(password, client),
      roles,
      createdAt: clock(),
    })
  }
}
