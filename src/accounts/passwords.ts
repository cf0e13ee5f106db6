import { argon2id, hash, needsRehash, verify } from 'argon2'
import { verifyForeign } from './foreign-hashes.ts'
import { type Client, type HashCounts, hashQueue } from './hash-queue.ts'

/** Argon2id parameters (OWASP: 19456 KiB, 2 passes, 1 lane) and how many hashes may run at once and wait. */
export type PasswordOptions = { memoryKib: number; passes: number; concurrency: number; queue: number }

/**
 * Hashing and checking of passwords, bounded: throws `overloaded` when too many are waiting. `client` says for whom it is, so
 * that the queue can be shared out; without one it is for the operator.
 */
export type Passwords = {
  hash(password: string, client?: Client): Promise<string>

  /**
   * Whether `password` is the one behind `stored`. For null (an unknown user) and for a stored hash that cannot be read it
   * does the same work and says no, so that time tells nobody which names exist. Only an imported hash that is not of
   * today's kind takes its own time, until its first login.
   */
  verify(stored: string | null, password: string, client?: Client): Promise<boolean>

  /** Throws `overloaded` if a hash for this client would be refused now: before anything is counted. */
  requireRoom(client: Client): void

  /** Whether `stored` was made by another function, or with other parameters than today's. */
  isOutdated(stored: string): boolean

  /** How many hashes run and wait right now. */
  counts(): HashCounts
}

export function openPasswords({ memoryKib, passes, concurrency, queue }: PasswordOptions): Passwords {
  const parameters = { type: argon2id, memoryCost: memoryKib, timeCost: passes, parallelism: 1 } as const
  const { run, requireRoom, counts } = hashQueue(concurrency, queue)
  // What strangers are verified against. Made up rather than made, so that the first of them waits no longer than others.
  const decoy = `$argon2id$v=19$m=${memoryKib},p=1,t=${passes}$${'A'.repeat(22)}$${'A'.repeat(43)}`

  return {
    hash: (password, client = OPERATOR) => run(client, () => hash(normalize(password), parameters)),
    async verify(stored, password, client = OPERATOR) {
      if (stored !== null && FOREIGN.test(stored)) {
        return run(client, () => verifyForeign(stored, normalize(password)).catch(() => false))
      }
      return run(client, async () => {
        const given = normalize(password)
        if (stored?.startsWith('$argon2') === true) {
          try {
            return await verify(stored, given)
          } catch {
            // It cannot be read: then this account is like one that is not there.
          }
        }
        await verify(decoy, given)
        return false
      })
    },
    isOutdated: (stored) => !stored.startsWith('$argon2id$') || needsRehash(stored, parameters),
    requireRoom,
    counts,
  }
}

/** Who works at the command line, or administers. */
const OPERATOR: Client = { account: '', network: '', known: true }

/** Hashes that other systems made, by the beginning of their PHC strings. */
const FOREIGN = /^\$(2[aby]|scrypt)\$/

/** NFC, the one change made to a password before hashing: `é` typed on two keyboards is one letter. Never trimmed. */
function normalize(password: string): string {
  return password.normalize('NFC')
}
