import { LRUCache } from 'lru-cache'
import type { Counters } from './counters.ts'

/**
 * Counters that refund points late: with the next attempt at the same key in this process. So a refund needs no separate call.
 * Until then the counter is a little too high, but never too low.
 */
type LateRefunds = {
  /** Counts an attempt, unless this key has a refund; gives the value of the counter. */
  add(key: string, seconds: number): Promise<number>
  /** Notes a refund of one attempt at this key. */
  owe(key: string): void
}

export function lateRefunds(counters: Counters): LateRefunds {
  const entries = new LRUCache<string, { owed: number; endsAt: number }>({ max: REMEMBERED })

  return {
    async add(key, seconds) {
      const entry = entries.get(key) ?? { owed: 0, endsAt: 0 }
      if (performance.now() >= entry.endsAt) entry.owed = 0 // the counter has expired
      const cost = entry.owed > 0 ? 0 : 1
      entry.owed -= 1 - cost
      entries.set(key, entry)
      const { points, endsIn } = await counters.add(key, cost, seconds)
      entry.endsAt = performance.now() + endsIn
      return points
    },
    owe(key) {
      const entry = entries.get(key)
      if (entry !== undefined) entry.owed++
    },
  }
}

/** How many networks may have refunds. If there are more, the oldest lose theirs. */
const REMEMBERED = 10_000
