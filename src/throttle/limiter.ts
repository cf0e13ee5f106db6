import type { Cluster, Redis } from 'ioredis'
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible'

/** Counters in this process, for one instance. */
export function localLimiter(): RateLimiterAbstract {
  return new RateLimiterMemory(NUMBERS)
}

/** Counters in Redis, for all instances together. While Redis is away every instance counts by itself: never not at all. */
export function sharedLimiter(redis: Redis | Cluster): RateLimiterAbstract {
  return new RateLimiterRedis({
    ...NUMBERS,
    storeClient: redis,
    keyPrefix: 'oneseat:throttle',
    rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(NUMBERS),
  })
}

/** The library's own limit is not used, only its counting: `Brake` decides. Every key is given a duration of its own. */
export const NUMBERS = { points: Number.MAX_SAFE_INTEGER - 1, duration: 60 }
