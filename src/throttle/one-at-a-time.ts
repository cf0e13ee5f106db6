import { Refusal } from '../errors.ts'

/** Runs `work` after all earlier work for the same key has ended. */
type OneAtATime = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** At most `most` calls wait for a key; more throw `overloaded`. */
export function oneAtATime(most: number): OneAtATime {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>()

  return async (key, work) => {
    const line = lines.get(key) ?? { last: Promise.resolve(), waiting: 0 }
    if (line.waiting > most) throw new Refusal('overloaded')
    lines.set(key, line)
    line.waiting++
    const mine = line.last.then(work)
    line.last = mine.catch(() => {})
    try {
      return await mine
    } finally {
      line.waiting--
      if (line.waiting === 0) lines.delete(key)
    }
  }
}
