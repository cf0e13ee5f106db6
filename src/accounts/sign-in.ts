import type { Accounts, AccountWithPassword } from './accounts.ts'
import type { Client } from './hash-queue.ts'
import type { Passwords } from './passwords.ts'
import { readHash } from './stored-hash.ts'
import { requireUsername } from './username.ts'

/** The result of a password check. `userId` of a failure is null if no account has the name. */
export type Verdict =
  | { verified: true; account: AccountWithPassword }
  | { verified: false; userId: string | null }

/**
 * Verifies a name and a password. An unknown user, a disabled user and a wrong password take the same work and get the same
 * answer (ASVS 6.3.8). An older kind of hash is replaced, if this is certainly the exact password.
 */
export type VerifyCredentials = (
  given: { username: string; password: string },
  client?: Client,
) => Promise<Verdict>

/** `onUnreadable` is called for a stored hash that cannot be read, so that its user can never sign in. */
export function verifyWith(
  accounts: Accounts,
  passwords: Passwords,
  onUnreadable: (userId: string, why: string) => void,
): VerifyCredentials {
  let sampled = false
  return async ({ username, password }, client) => {
    const name = requireUsername(username)
    if (!sampled) await sample()
    const account = await accounts.findByUsername(name)
    const stored = account?.passwordHash ?? null
    const { matches, replaceable } = await passwords.verify(stored, password, account?.disabled, client)
    if (account === null) return { verified: false, userId: null }
    if (!matches) {
      const hash = readHash(account.passwordHash)
      if (typeof hash === 'string') onUnreadable(account.id, hash)
      return { verified: false, userId: account.id }
    }
    if (replaceable) {
      await accounts.rehash(account.id, account.passwordHash, await passwords.hash(password, client))
    }
    return { verified: true, account }
  }

  /**
   * Runs before the first login is checked. All logins then do the work of the kinds found, and of each kind that a later login
   * finds.
   */
  async function sample(): Promise<void> {
    passwords.learn(await accounts.sampleHashes(SAMPLE))
    sampled = true
  }
}

/** How many accounts are read. A kind of hash that one in a hundred accounts has is missed once in 23,000 times. */
const SAMPLE = 1_000
