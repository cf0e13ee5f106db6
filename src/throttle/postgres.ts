import type { Pool } from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { type Counters, countersOn, NUMBERS } from './counters.ts'
import { type Insurance, insured } from './insurance.ts'

/**
 * Counters in PostgreSQL, shared by all instances. They expire by the clocks of the instances, which may differ by a few seconds
 * only.
 */
export function postgresCounters(pool: Pool, insurance: Insurance = {}): Counters {
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
