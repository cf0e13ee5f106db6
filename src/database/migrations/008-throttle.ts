import { type Kysely, sql } from 'kysely'

/**
 * Counters of guesses. On SQLite they are in a separate file. The table is not in the write-ahead log: after a crash, or on a
 * promoted standby, counting begins again.
 */
export async function up(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  if (kind === 'sqlite') return
  // Earlier versions made the table at the first attempt.
  await sql`
    CREATE UNLOGGED TABLE IF NOT EXISTS oneseat_throttle
      (key text PRIMARY KEY, points integer NOT NULL DEFAULT 0, expire bigint) WITH (fillfactor = 50)`.execute(
    db,
  )
}
