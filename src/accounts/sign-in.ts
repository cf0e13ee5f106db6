import type { Accounts, AccountWithPassword } from './accounts.ts'
import type { Client } from './hash-queue.ts'
import type { Passwords } from './passwords.ts'
import { readHash } from './stored-hash.ts'
import { requireUsername } from './username.ts'

/** What a password came to. `userId` of a failure is null if nobody has that name. */
export type Verdict =
  | { verified: true; account: AccountWithPassword }
  | { verified: false; userId: string | null }

/**
 * Verifies a name and a password. An unknown user, a disabled one and a wrong password cost the same work and are told
 * the same (ASVS 6.3.8). A hash of another kind than today's is replaced, if this is surely the whole password.
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

  /** Before the first login is judged: later ones pay for what is found, and for each kind that a login comes across. */
  async function sample(): Promise<void> {
    passwords.learn(await accounts.sampleHashes(SAMPLE))
    sampled = true
  }
}

/** Accounts. A kind that one in a hundred has is missed once in 23,000 times. */
const SAMPLE = 1_000
