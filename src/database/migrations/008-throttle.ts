import { type Kysely, sql } from 'kysely'

/**
 * Counters of guesses. On SQLite they are in a file of their own. Without a write-ahead log: after a crash, or on a standby that
 * takes over, counting begins anew.
 */
export async function up(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  if (kind === 'sqlite') return
  // Earlier versions made it with the first attempt.
  await sql`
    CREATE UNLOGGED TABLE IF NOT EXISTS oneseat_throttle
      (key text PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint) WITH (fillfactor = 50)`.execute(
    db,
  )
}
