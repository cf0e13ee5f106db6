import type { RateLimiterAbstract } from 'rate-limiter-flexible'

/** Counters by key. Every counter expires by itself. */
export type Counters = {
  /** Adds points atomically, also across instances. A new counter begins at 0 and expires after `seconds`. */
  add(key: string, points: number, seconds: number): Promise<Count>
  forget(key: string): Promise<void>
  close(): void
}

/** The value of a counter, and in how many milliseconds it expires. */
type Count = { points: number; endsIn: number }

/** The two methods of the library that we use. Its own limits are not used: `useSlot` and `LIMITS` decide. */
export type Limiter = Pick<RateLimiterAbstract, 'penalty' | 'delete'>

/**
 * Counters over the library. If a counter expires later than its duration allows, the clock was set back since: the counter then
 * begins again, so that nobody waits too long.
 */
export function countersOn(limiter: Limiter, close: () => void = () => {}): Counters {
  async function count(key: string, points: number, seconds: number): Promise<Count> {
    const counted = await limiter.penalty(key, points, { customDuration: seconds })
    return { points: counted.consumedPoints, endsIn: counted.msBeforeNext }
  }

  return {
    async add(key, points, seconds) {
      const counted = await count(key, points, seconds)
      if (counted.endsIn <= seconds * 1000 + CLOCK_SKEW) return counted
      await limiter.delete(key)
      return count(key, points, seconds)
    },
    async forget(key) {
      await limiter.delete(key)
    },
    close,
  }
}

/** Counts nothing, so that no limit is reached. For load tests. */
export const NO_COUNTERS: Counters = {
  add: async () => ({ points: 0, endsIn: 0 }),
  forget: async () => {},
  close: () => {},
}

/** Options that the library requires. Each key gets its own duration. */
export const NUMBERS = { points: 2 ** 30, duration: 60 }

/** By how many milliseconds the clocks of two instances may differ: one writes the end of a counter and another reads it. */
const CLOCK_SKEW = 5_000
