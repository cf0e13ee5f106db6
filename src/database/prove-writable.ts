import { type Kysely, PostgresAdapter, sql } from 'kysely'
import { DEFAULT_MIGRATION_LOCK_TABLE } from 'kysely/migration'

/**
 * Throws if the database cannot be written to now, such as a standby, or one whose disk is full. Commits something that stays as it
 * was, and so leaves nothing behind.
 */
export async function proveWritable<T>(db: Kysely<T>): Promise<void> {
  if (db.getExecutor().adapter instanceof PostgresAdapter) await rewriteRow(db)
  else await rewriteHeader(db)
}

/** Kysely keeps a table of one row. PostgreSQL writes a row also if nothing in it changes. */
async function rewriteRow<T>(db: Kysely<T>): Promise<void> {
  await sql`UPDATE ${sql.table(DEFAULT_MIGRATION_LOCK_TABLE)} SET is_locked = is_locked`.execute(db)
}

/** SQLite writes no row that does not change, but always this number in the head of the file, which we do not use. */
async function rewriteHeader<T>(db: Kysely<T>): Promise<void> {
  const { rows } = await sql<{ user_version: number }>`PRAGMA user_version`.execute(db)
  await sql`PRAGMA user_version = ${sql.lit(rows[0]?.user_version ?? 0)}`.execute(db)
}
