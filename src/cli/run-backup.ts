import { closeSync, existsSync, fsyncSync, openSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { NOT_MADE } from '../database/migrate.ts'
import { pathOf } from '../database/open-database.ts'
import { GaveUp, UsageError } from './explain.ts'
import { ownSettings, runCommand } from './run-command.ts'

/** `oneseat backup FILE`: copies the SQLite file as it is at one moment, also while the service runs. */
export async function runBackup(args: readonly string[]): Promise<void> {
  await runCommand({ name: 'backup', help: 'oneseat --help' }, async () => {
    const [copy, ...more] = args
    if (copy === undefined || copy.startsWith('-') || more.length > 0)
      throw new UsageError('name one file to write to')
    const { DATABASE_URL } = ownSettings('backup')
    if (!DATABASE_URL.startsWith('file:'))
      throw new GaveUp('the database is PostgreSQL: copy it with pg_dump')
    const path = pathOf(DATABASE_URL)
    if (!existsSync(path)) throw new GaveUp(NOT_MADE)
    makeEmpty(copy)
    try {
      writeCopy(path, copy)
    } catch (error) {
      rmSync(copy)
      throw error
    }
    process.stdout.write(
      `${copy} has the database as it was now. docs/operations.md says how to put it back.\n`,
    )
  })
}

/** Readable by its owner only, because there are password hashes in it; never in place of another file. */
function makeEmpty(copy: string): void {
  try {
    closeSync(openSync(copy, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new GaveUp(`${copy} is there already: name another file`)
  }
}

/** Reads one state of the file, for as long as it takes, and keeps no writer waiting. */
function writeCopy(path: string, copy: string): void {
  const file = new Database(path, { readonly: true, timeout: PATIENCE })
  try {
    file.prepare('VACUUM INTO ?').run(copy)
  } finally {
    file.close()
  }
  const written = openSync(copy, 'r+')
  fsyncSync(written)
  closeSync(written)
}

/** For how many milliseconds another process may hold the file locked. */
const PATIENCE = 5_000
