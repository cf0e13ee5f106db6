import type { Cluster, Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'
import { type Counters, type Insurance, insured } from './insured.ts'

/** Counters in this process, for one instance. */
export function localLimiter(): Counters {
  return new RateLimiterMemory(NUMBERS)
}

/** Counters in Redis, for all instances together. While Redis is away every instance counts by itself: never not at all. */
export function sharedLimiter(redis: Redis | Cluster, insurance?: Insurance): Counters {
  const shared = new RateLimiterRedis({
    ...NUMBERS,
    storeClient: redis,
    keyPrefix: 'oneseat:throttle',
    rejectIfRedisNotReady: true,
  })
  return insured(shared, localLimiter(), insurance)
}

/** The library's own limit is not used, only its counting: `Brake` decides. Every key is given a duration of its own. */
export const NUMBERS = { points: Number.MAX_SAFE_INTEGER - 1, duration: 60 }
