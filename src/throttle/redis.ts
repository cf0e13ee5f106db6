import type { Cluster, Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { type Counters, countersOn, NUMBERS } from './counters.ts'
import { type Insurance, insured } from './insurance.ts'

/** Counters in Redis, shared by all instances. They expire by the clock of Redis. */
export function redisCounters(redis: Redis | Cluster, insurance: Insurance = {}): Counters {
  const shared = new RateLimiterRedis({
    ...NUMBERS,
    storeClient: redis,
    keyPrefix: 'oneseat:throttle',
    rejectIfRedisNotReady: true,
  })
  return countersOn(insured(shared, insurance))
}
