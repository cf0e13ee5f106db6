import { LRUCache } from 'lru-cache'
import type { Counters } from './counters.ts'

/**
 * Counters whose points are given back late: with the next attempt at the same key in this process. So a refund needs no
 * question of its own. Until then the counter is a little too high, and never too low.
 */
type LateRefunds = {
  /** Counts an attempt, unless one is owed to this key; gives what the counter stands at. */
  add(key: string, seconds: number): Promise<number>
  /** An attempt that was counted at this key is to be given back. */
  owe(key: string): void
}

export function lateRefunds(counters: Counters): LateRefunds {
  const entries = new LRUCache<string, { owed: number; endsAt: number }>({ max: REMEMBERED })

  return {
    async add(key, seconds) {
      const entry = entries.get(key) ?? { owed: 0, endsAt: 0 }
      if (performance.now() >= entry.endsAt) entry.owed = 0 // the counter that they were counted in has ended
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

/** Networks that something may be owed to. If there are more, the oldest lose it. */
const REMEMBERED = 10_000
