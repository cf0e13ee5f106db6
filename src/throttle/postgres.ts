import type { Pool } from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { type Counters, countersOn, NUMBERS } from './counters.ts'
import { type Insurance, insured } from './insurance.ts'

/**
 * Counters in PostgreSQL, for all instances together. The table has no write-ahead log: after a crash, or on a standby that
 * takes over, counting begins anew. Counters end by the clocks of the instances, which have to agree to a few seconds.
 */
export function postgresCounters(pool: Pool, insurance: Insurance = {}): Counters {
  return countersOn(insured(new PostgresLimiter(pool), insurance))
}

/** Makes the table with the first attempt, so that a command which counts nothing makes none. A failure is tried again. */
class PostgresLimiter extends RateLimiterPostgres {
  readonly #pool: Pool
  #made: Promise<void> | null = null

  constructor(pool: Pool) {
    super({
      ...NUMBERS,
      storeClient: pool,
      storeType: 'pool',
      tableName: 'oneseat_throttle',
      tableCreated: true,
      keyPrefix: '',
    })
    this.#pool = pool
  }

  override async penalty(...args: Parameters<RateLimiterPostgres['penalty']>) {
    await this.#make()
    return super.penalty(...args)
  }

  override async delete(...args: Parameters<RateLimiterPostgres['delete']>) {
    await this.#make()
    return super.delete(...args)
  }

  #make(): Promise<void> {
    this.#made ??= makeTable(this.#pool).catch((error) => {
      this.#made = null
      throw error
    })
    return this.#made
  }
}

/** Where it is there already, nobody needs the right to make it. */
async function makeTable(pool: Pool): Promise<void> {
  const { rows } = await pool.query("SELECT to_regclass('oneseat_throttle') AS made")
  if (rows[0]?.made === null) await pool.query(TABLE)
}

/** One transaction under a lock of its own, because `IF NOT EXISTS` does not protect instances that start together. */
const TABLE = `
  SELECT pg_advisory_xact_lock(7237129);
  CREATE UNLOGGED TABLE IF NOT EXISTS oneseat_throttle
    (key text PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint) WITH (fillfactor = 50)`
