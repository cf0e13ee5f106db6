import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { migrate } from './migrate.ts'
import type { Tables } from './tables.ts'

/** The file and Kysely over the same connection, so that nothing ever waits for a lock of its own process. */
export type SqliteStore = { file: Database.Database; db: Kysely<Tables> }

/** Opens the SQLite file at `path`, makes it if it is not there, and brings its tables up to date. */
export async function openSqlite(path: string): Promise<SqliteStore> {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = new Database(path, { timeout: 5_000 })
  file.pragma('journal_mode = WAL')
  file.pragma('synchronous = FULL') // a lost write would lose an account, or bring a session back
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) })
  await migrateAlone(file, db)
  return { file, db }
}

/** Processes that start together take turns, and one that is killed meanwhile leaves nothing half done. */
async function migrateAlone(file: Database.Database, db: Kysely<Tables>): Promise<void> {
  file.exec('BEGIN IMMEDIATE')
  try {
    await migrate(db as unknown as Kysely<never>)
    file.exec('COMMIT')
  } catch (error) {
    file.exec('ROLLBACK')
    throw error
  }
}
