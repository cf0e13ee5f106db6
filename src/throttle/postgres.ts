import type { Pool } from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { orUnavailable } from '../sessions/refusal.ts'
import { type Counters, countersOn, NUMBERS } from './counters.ts'
import { type Insurance, insured } from './insurance.ts'

/**
 * Counters in PostgreSQL, for all instances together. The table has no write-ahead log: after a crash, or on a standby that
 * takes over, counting begins anew. Counters end by the clocks of the instances, which have to agree to a few seconds.
 */
export async function postgresCounters(pool: Pool, insurance: Insurance = {}): Promise<Counters> {
  await orUnavailable(pool.query(TABLE))
  const shared = new RateLimiterPostgres({
    ...NUMBERS,
    storeClient: pool,
    storeType: 'pool',
    tableName: 'oneseat_throttle',
    tableCreated: true,
    keyPrefix: '',
  })
  return countersOn(insured(shared, insurance))
}

/** One transaction under a lock of its own, because `IF NOT EXISTS` does not protect instances that start together. */
const TABLE = `
  SELECT pg_advisory_xact_lock(7237129);
  CREATE UNLOGGED TABLE IF NOT EXISTS oneseat_throttle
    (key text PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint) WITH (fillfactor = 50)`
