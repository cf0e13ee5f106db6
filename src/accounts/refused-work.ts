import type { PasswordHash } from './hash-functions.ts'

/**
 * The work of a refused login: one hash of each family that is in use, with the highest cost in that family. So it is the same
 * for an unknown name and for every stored hash. The work is counted, not timed, so it does not depend on clock or machine.
 */
export type RefusedWork = {
  /** Learns of a stored hash. From then on every refused login does the work of its family. */
  learn(hash: PasswordHash): void

  /** Does the remaining work for `forms` forms of a password, when `done` of the family of `own` is done already. */
  finish(own: PasswordHash | null, done: number, forms: number): Promise<void>
}

/** `today` is a hash as they are made now. Its family is always in use. */
export function countRefusedWork(today: PasswordHash): RefusedWork {
  const dearest = new Map([[today.family, today]])
  let price = 0
  return {
    learn(hash) {
      const known = dearest.get(hash.family)
      const more = hash.price - (known?.price ?? 0)
      if (known === undefined ? dearest.size === FAMILIES : hash.work <= known.work) return
      // A hash above the limit for imports can be stored in other ways. Only logins of its owner do its work.
      if (hash.price > 1 || price + more > PRICE) return
      dearest.set(hash.family, hash)
      price += more
    },
    async finish(own, done, forms) {
      for (const hash of dearest.values()) {
        let rest = hash.work * forms - (hash.family === own?.family ? done : 0)
        for (; rest > 0; rest -= hash.work) await hash.spend(Math.min(rest, hash.work))
      }
    },
  }
}

/** Limits for the work of a refused login in addition to a new hash: some 1.1 s, in this many families. */
const PRICE = 2
const FAMILIES = 12
