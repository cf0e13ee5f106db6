import type { Pool } from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { orUnavailable } from '../sessions/refusal.ts'
import { type Counters, type Insurance, insured } from './insured.ts'
import { localLimiter } from './limiter.ts'

/**
 * Counters in PostgreSQL, for all instances together. They are not worth a write-ahead log: after a crash, or on a standby
 * that takes over, counting begins anew. Ends are by the clocks of the instances.
 */
export async function postgresLimiter(pool: Pool, insurance?: Insurance): Promise<Counters> {
  await orUnavailable(pool.query(TABLE))
  const shared = new RateLimiterPostgres({
    points: 2 ** 30, // the library's own limit, which is not used
    duration: 60,
    storeClient: pool,
    storeType: 'pool',
    tableName: 'throttle',
    tableCreated: true,
    keyPrefix: '',
  })
  return insured(shared, localLimiter(), insurance)
}

/** One transaction under a lock of its own, because `IF NOT EXISTS` is no protection from instances that start together. */
const TABLE = `
  SELECT pg_advisory_xact_lock(7237129);
  CREATE UNLOGGED TABLE IF NOT EXISTS throttle
    (key text PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint) WITH (fillfactor = 50)`
