import { Redis } from 'ioredis'
import type { Settings } from '../schemas/settings.ts'
import { connectRedis } from './connect-redis.ts'
import type { SeatEngines } from './engines.ts'
import type { App } from './http/types.ts'
import { redisNotices } from './notices/redis.ts'
import type { RedisPlace } from './redis-url.ts'
import { redisRegister } from './registers/redis.ts'
import { trackedRegister } from './registers/tracked.ts'
import type { Insurance } from './throttle/insured.ts'
import { sharedLimiter } from './throttle/limiter.ts'

/** Sessions, notices and counters in Redis. */
export async function openOnRedis(
  app: App,
  place: RedisPlace,
  cache: Settings['SESSION_CACHE'],
  insurance: Insurance,
): Promise<SeatEngines> {
  const redis = await connectRedis(app, place)
  const tracked =
    cache === 'tracked' && redis instanceof Redis
      ? trackedRegister(redis, (error) => warnOfTracking(app, error))
      : null
  return {
    register: tracked ?? redisRegister(redis),
    notices: redisNotices(redis),
    limiter: sharedLimiter(redis, insurance),
    copyCounts: tracked?.copyCounts ?? null,
  }
}

function warnOfTracking(app: App, error: unknown): void {
  app.log.warn(
    { err: error, event: 'session_cache_off' },
    'Redis does not tell of changes: no copies are kept',
  )
}
