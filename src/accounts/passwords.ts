import { argon2id, hash } from 'argon2'
import { argon2Hash } from './hash-functions.ts'
import { type Client, type HashCounts, hashQueue } from './hash-queue.ts'
import { countRefusedWork } from './refused-work.ts'
import { readHash } from './stored-hash.ts'
import { type Match, normalize, verifyPassword } from './verify-password.ts'

/** Argon2id parameters (OWASP: 19456 KiB, 2 passes, 1 lane) and how many hashes may run at once and wait. */
type PasswordOptions = { memoryKib: number; passes: number; concurrency: number; queue: number }

/**
 * Hashes and verifies passwords. Throws `overloaded` when too many wait. `client` says for whom it is, for the shares of the
 * queue; without one it is for the operator.
 */
export type Passwords = {
  hash(password: string, client?: Client): Promise<string>

  /**
   * Whether `password` matches `stored`; always false if the login is `refused` for another reason, such as a disabled user. A
   * false answer always takes the same work: for null (an unknown user), and for every kind of stored hash, readable or not.
   */
  verify(stored: string | null, password: string, refused?: boolean, client?: Client): Promise<Match>

  /** Throws `overloaded` if a hash for this client would be refused now. Call it before the attempt is counted. */
  requireRoom(client: Client): void

  /** Learns which kinds of hashes are stored. `verify` then also does their work for users without such a hash. */
  learn(stored: readonly string[]): void

  /** How many hashes are running and waiting. */
  counts(): HashCounts
}

export function openPasswords({ memoryKib, passes, concurrency, queue }: PasswordOptions): Passwords {
  const parameters = { type: argon2id, memoryCost: memoryKib, timeCost: passes, parallelism: 1 } as const
  const { run, requireRoom, counts } = hashQueue(concurrency, queue)
  // The hash for unknown users. It is not computed, so that the first of them does not wait longer than others.
  const today = argon2Hash('', 'id', [memoryKib, passes, 1])
  const refusedWork = countRefusedWork(today)

  return {
    hash: (password, client = OPERATOR) => run(client, () => hash(normalize(password), parameters)),
    verify: (stored, password, refused = false, client = OPERATOR) =>
      run(client, () => verifyPassword({ stored, password, refused }, today, refusedWork)),
    learn(stored) {
      for (const hash of stored.map(readHash)) if (typeof hash !== 'string') refusedWork.learn(hash)
    },
    requireRoom,
    counts,
  }
}

/** The client for the command line and for administrators. */
const OPERATOR: Client = { account: '', network: '', known: true }
