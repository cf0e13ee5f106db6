import { argon2id, hash } from 'argon2'
import { argon2Hash } from './hash-functions.ts'
import { type Client, type HashCounts, hashQueue } from './hash-queue.ts'
import { countRefusedWork } from './refused-work.ts'
import { readHash } from './stored-hash.ts'
import { type Match, normalize, verifyPassword } from './verify-password.ts'

/** Argon2id parameters (OWASP: 19456 KiB, 2 passes, 1 lane) and how many hashes may run at once and wait. */
type PasswordOptions = { memoryKib: number; passes: number; concurrency: number; queue: number }

/**
 * Hashing and checking of passwords, bounded: throws `overloaded` when too many are waiting. `client` says for whom it is, so
 * that the queue can be shared out; without one it is for the operator.
 */
export type Passwords = {
  hash(password: string, client?: Client): Promise<string>

  /**
   * Whether `password` is the one behind `stored`; never if the login is `refused` anyway, as that of a disabled user. No is
   * said after the same work to everybody: to null (an unknown user), and whatever kind of hash is stored, readable or not.
   */
  verify(stored: string | null, password: string, refused?: boolean, client?: Client): Promise<Match>

  /** Throws `overloaded` if a hash for this client would be refused now: before anything is counted. */
  requireRoom(client: Client): void

  /** Tells which kinds of hashes are stored; `verify` then does their work as well for those who have none of them. */
  learn(stored: readonly string[]): void

  /** How many hashes run and wait right now. */
  counts(): HashCounts
}

export function openPasswords({ memoryKib, passes, concurrency, queue }: PasswordOptions): Passwords {
  const parameters = { type: argon2id, memoryCost: memoryKib, timeCost: passes, parallelism: 1 } as const
  const { run, requireRoom, counts } = hashQueue(concurrency, queue)
  // What strangers are verified against. Made up rather than made, so that the first of them waits no longer than others.
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

/** Who works at the command line, or administers. */
const OPERATOR: Client = { account: '', network: '', known: true }
