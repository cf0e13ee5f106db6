import type { Accounts, AccountWithPassword } from './accounts.ts'
import { refuseHash } from './foreign-hashes.ts'
import type { Client } from './hash-queue.ts'
import type { Passwords } from './passwords.ts'
import { requireUsername } from './username.ts'

/** What a password came to. `userId` of a failure is null if nobody has that name. */
export type Verdict =
  | { verified: true; account: AccountWithPassword }
  | { verified: false; userId: string | null }

/**
 * Verifies a name and a password. An unknown user, a disabled one and a wrong password cost the same work and are told
 * the same (ASVS 6.3.8). A hash made with older parameters is replaced by today's.
 */
export type VerifyCredentials = (
  given: { username: string; password: string },
  client?: Client,
) => Promise<Verdict>

/** `onUnreadable` hears of a stored hash that nothing can be verified against, so that its user can never sign in. */
export function verifyWith(
  accounts: Accounts,
  passwords: Passwords,
  onUnreadable: (userId: string, why: string) => void,
): VerifyCredentials {
  return async ({ username, password }, client) => {
    const account = await accounts.findByUsername(requireUsername(username))
    const matches = await passwords.verify(account?.passwordHash ?? null, password, client)
    if (account === null) return { verified: false, userId: null }
    if (!matches || account.disabled) {
      const why = refuseHash(account.passwordHash)
      if (why !== null) onUnreadable(account.id, why)
      return { verified: false, userId: account.id }
    }
    if (passwords.isOutdated(account.passwordHash)) {
      await accounts.rehash(account.id, account.passwordHash, await passwords.hash(password, client))
    }
    return { verified: true, account }
  }
}
