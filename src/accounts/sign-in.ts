import { Refusal } from '../errors.ts'
import type { Passwords } from '../passwords/passwords.ts'
import type { Accounts, AccountWithPassword } from './accounts.ts'
import { requireUsername } from './username.ts'

/**
 * Verifies a name and a password. An unknown user, a disabled one and a wrong password cost the same work and get the same
 * `invalid_credentials` (ASVS 6.3.8). A hash made with older parameters is replaced by today's.
 */
export type VerifyCredentials = (given: {
  username: string
  password: string
}) => Promise<AccountWithPassword>

export function verifyWith(accounts: Accounts, passwords: Passwords): VerifyCredentials {
  return async ({ username, password }) => {
    const account = await accounts.findByUsername(requireUsername(username))
    const matches = await passwords.verify(account?.passwordHash ?? null, password)
    if (account === null || !matches || account.disabled) throw new Refusal('invalid_credentials')
    if (passwords.isOutdated(account.passwordHash)) {
      await accounts.rehash(account.id, account.passwordHash, await passwords.hash(password))
    }
    return account
  }
}
