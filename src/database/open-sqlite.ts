import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { NOT_MADE, StartFailure } from '../settings/start-failure.ts'
import { migrate, SERVICE, type Wanted } from './migrate.ts'
import type { Sql } from './sql.ts'
import { sqliteSql } from './sqlite-sql.ts'
import { refuseStaleLog } from './stale-log.ts'
import { whenUnlocked } from './when-unlocked.ts'

/** The file, and SQL over the same connection, so that nothing ever waits for a lock of its own process. */
type SqliteStore = { file: Database.Database; db: Sql }

/**
 * Opens the SQLite file at `path`, makes it if it is not there, and brings its tables up to date. SQLite never waits inside a
 * call: whoever works with the file uses `whenFree`.
 */
export async function openSqlite(path: string, wanted: Wanted = SERVICE): Promise<SqliteStore> {
  if (path !== ':memory:') {
    if (wanted.make === false && !existsSync(path)) throw new StartFailure(NOT_MADE)
    makeFile(path)
    await refuseStaleLog(path)
  }
  const file = new Database(path, { timeout: 0 })
  try {
    await whenUnlocked(() => file.pragma('journal_mode = WAL'), START)
    file.pragma('synchronous = FULL') // a lost write would lose an account, or bring a session back
    await migrateAlone(file, wanted)
    return { file, db: sqliteSql(file) }
  } catch (error) {
    file.close()
    throw error
  }
}

/** Readable by its owner only. SQLite would let everybody read a new file; its other files are made alike. */
function makeFile(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false })
  // To open a pipe would wait for ever. A directory is told of below.
  if (there !== undefined && !there.isFile() && !there.isDirectory())
    throw new StartFailure(`${path} is no file.`)
  makeDirectory(dirname(resolve(path)))
  closeSync(openSync(path, 'a', 0o600))
}

/** One after another: to make them all in one call, Node.js tries for ever where the system says that there is no such place. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return
  makeDirectory(dirname(directory))
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    if (!existsSync(directory)) throw error // else another process was faster
  }
}

/** Processes that start together take turns, and one that is killed meanwhile leaves nothing half done. */
async function migrateAlone(file: Database.Database, wanted: Wanted): Promise<void> {
  await whenUnlocked(() => file.exec('BEGIN IMMEDIATE'), START)
  try {
    const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: file }) })
    await migrate(db, 'sqlite', wanted)
    file.exec('COMMIT')
  } catch (error) {
    file.exec('ROLLBACK')
    throw error
  }
}

/** How long a start waits for others that start or write, milliseconds. */
const START = 5_000
