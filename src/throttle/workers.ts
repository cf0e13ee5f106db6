import { RateLimiterCluster, RateLimiterClusterMaster } from 'rate-limiter-flexible'
import { type Counters, type Insurance, insured } from './insured.ts'
import { localLimiter, NUMBERS } from './limiter.ts'

/** Counters in the primary process, for all workers of one machine together. While it does not answer each counts by itself. */
export function workersLimiter(insurance: Insurance): Counters {
  const shared = new RateLimiterCluster({ ...NUMBERS, keyPrefix: 'oneseat:throttle' })
  return insured(shared, localLimiter(), insurance)
}

/** In the primary process: keeps the counters of all workers. */
export function countForWorkers(): void {
  new RateLimiterClusterMaster()
}
