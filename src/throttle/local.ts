import { RateLimiterMemory } from 'rate-limiter-flexible'
import { type Counters, countersOn, NUMBERS } from './counters.ts'

/** Counters in this process. */
export function localCounters(): Counters {
  return countersOn(new RateLimiterMemory(NUMBERS))
}
