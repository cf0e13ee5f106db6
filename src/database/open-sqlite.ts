import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { migrate, SERVICE, type Wanted } from './migrate.ts'
import type { Sql } from './sql.ts'
import { sqliteSql } from './sqlite-sql.ts'

/** The file, and SQL over the same connection, so that nothing ever waits for a lock of its own process. */
export type SqliteStore = { file: Database.Database; db: Sql }

/** Opens the SQLite file at `path`, makes it if it is not there, and brings its tables up to date. */
export async function openSqlite(path: string, wanted: Wanted = SERVICE): Promise<SqliteStore> {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600)) // SQLite would let everybody read a new one; its other files are made alike
  }
  const file = new Database(path, { timeout: PATIENCE })
  await writeAhead(file)
  file.pragma('synchronous = FULL') // a lost write would lose an account, or bring a session back
  await migrateAlone(file, wanted)
  file.pragma('busy_timeout = 0') // from here on nobody waits inside of SQLite: `whenFree` does
  return { file, db: sqliteSql(file) }
}

/**
 * Two processes that make the same file together both read it before they change how it is written. Neither could then
 * wait for the other, so SQLite calls it locked at once, and wants to be asked again.
 */
async function writeAhead(file: Database.Database): Promise<void> {
  const until = performance.now() + PATIENCE
  for (;;) {
    try {
      file.pragma('journal_mode = WAL')
      return
    } catch (error) {
      const locked = error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY'
      if (!locked || performance.now() >= until) throw error
      await pause(5)
    }
  }
}

/** Processes that start together take turns, and one that is killed meanwhile leaves nothing half done. */
async function migrateAlone(file: Database.Database, wanted: Wanted): Promise<void> {
  file.exec('BEGIN IMMEDIATE')
  try {
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: file }) })
    await migrate(db, 'sqlite', wanted)
    file.exec('COMMIT')
  } catch (error) {
    file.exec('ROLLBACK')
    throw error
  }
}

/** Milliseconds that a lock of another process is waited for at the start. */
const PATIENCE = 5_000
