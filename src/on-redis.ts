import { connectRedis } from './connect-redis.ts'
import type { SeatEngines } from './engines.ts'
import type { App } from './http/types.ts'
import { redisNotices } from './notices/redis.ts'
import type { RedisPlace } from './redis-url.ts'
import { redisRegister } from './registers/redis.ts'
import type { Insurance } from './throttle/insured.ts'
import { sharedLimiter } from './throttle/limiter.ts'

/** Sessions, notices and counters in Redis. */
export async function openOnRedis(
  app: App,
  place: RedisPlace,
  insurance: Insurance,
): Promise<SeatEngines> {
  const redis = await connectRedis(app, place)
  return {
    register: redisRegister(redis),
    notices: redisNotices(redis),
    limiter: sharedLimiter(redis, insurance),
  }
}
