import { argon2id, hash } from 'argon2'
import pLimit from 'p-limit'
import { overloaded } from '../errors.ts'
import { argon2Hash } from './hash-functions.ts'
import { countRefusedWork } from './refused-work.ts'
import { readHash } from './stored-hash.ts'
import { type Match, normalize, verifyPassword } from './verify-password.ts'

/** Argon2id parameters (OWASP: 19456 KiB, 2 passes, 1 lane) and how many hashes may run at once and wait. */
export type PasswordOptions = { memoryKib: number; passes: number; concurrency: number; queue: number }

/** Hashing and checking of passwords, bounded: throws `overloaded` when too many are waiting. */
export type Passwords = {
  hash(password: string): Promise<string>

  /**
   * Whether `password` is the one behind `stored`; never if the login is `refused` anyway, as that of a disabled user. No is
   * said after the same work to everybody: to null (an unknown user), and whatever kind of hash is stored, readable or not.
   */
  verify(stored: string | null, password: string, refused?: boolean): Promise<Match>

  /** Tells which kinds of hashes are stored; `verify` then does their work as well for those who have none of them. */
  learn(stored: readonly string[]): void

  /** How many hashes run and wait right now. */
  counts(): HashCounts
}

export type HashCounts = { running: number; waiting: number }

export function openPasswords({ memoryKib, passes, concurrency, queue }: PasswordOptions): Passwords {
  const parameters = { type: argon2id, memoryCost: memoryKib, timeCost: passes, parallelism: 1 } as const
  const limit = pLimit(concurrency)
  // What strangers are verified against. Made up rather than made, so that the first of them waits no longer than others.
  const today = argon2Hash('', 'id', [memoryKib, passes, 1])
  const refusedWork = countRefusedWork(today)

  return {
    hash: (password) => bounded(() => hash(normalize(password), parameters)),
    verify: (stored, password, refused = false) =>
      bounded(() => verifyPassword({ stored, password, refused }, today, refusedWork)),
    learn(stored) {
      for (const hash of stored.map(readHash)) if (typeof hash !== 'string') refusedWork.learn(hash)
    },
    counts: () => ({ running: limit.activeCount, waiting: limit.pendingCount }),
  }

  async function bounded<T>(work: () => Promise<T>): Promise<T> {
    if (limit.pendingCount >= queue) throw overloaded()
    return limit(work)
  }
}
