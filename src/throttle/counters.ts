import type { RateLimiterAbstract } from 'rate-limiter-flexible'

/** Counts by key. Every counter ends by itself. */
export type Counters = {
  /** Adds points in one step, also across instances. A counter that is not there begins at 0 and ends after `seconds`. */
  add(key: string, points: number, seconds: number): Promise<Count>
  forget(key: string): Promise<void>
  close(): void
}

/** What a counter stands at, and in how many milliseconds it ends. */
type Count = { points: number; endsIn: number }

/** The two things we ask of the library. Its own limits are not used: `useSlot` and `LIMITS` decide. */
export type Limiter = Pick<RateLimiterAbstract, 'penalty' | 'delete'>

/**
 * Counters of the library. An end that is further away than the counter can last was written before the clock was set back:
 * that counter begins again, so that nobody waits for the time that was lost.
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

/** Counts nothing, so that no limit is ever reached: for load tests. */
export const NO_COUNTERS: Counters = {
  add: async () => ({ points: 0, endsIn: 0 }),
  forget: async () => {},
  close: () => {},
}

/** What every limiter of the library insists on. Each key is given a duration of its own. */
export const NUMBERS = { points: 2 ** 30, duration: 60 }

/** Milliseconds by which the clocks of instances may differ, where an end is written by one and read by another. */
const CLOCK_SKEW = 5_000
