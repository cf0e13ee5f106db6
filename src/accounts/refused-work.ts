import type { PasswordHash } from './hash-functions.ts'

/**
 * The work of a refused login: that of one hash of each family that is in use, the dearest of the family. So it is the same
 * for a name that nobody has, and whatever hash somebody has; it is counted, and depends on no clock and no machine.
 */
export type RefusedWork = {
  /** Tells of a hash that is stored. From then on everybody pays for its kind. */
  learn(hash: PasswordHash): void

  /** Does what is left of the work for `forms` forms of a password, when `done` of the family of `own` is done. */
  finish(own: PasswordHash | null, done: number, forms: number): Promise<void>
}

/** `today` is a hash as they are made now: the one family that is always in use. */
export function countRefusedWork(today: PasswordHash): RefusedWork {
  const dearest = new Map([[today.family, today]])
  let price = 0
  return {
    learn(hash) {
      const known = dearest.get(hash.family)
      const more = hash.price - (known?.price ?? 0)
      if (known === undefined ? dearest.size === FAMILIES : hash.work <= known.work) return
      // What is dearer than an import may be got here by another way; then its owner alone pays.
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

/** Bounds for what a refused login costs on top of a hash of today: some 1.1 s, in so many families. */
const PRICE = 2
const FAMILIES = 12
