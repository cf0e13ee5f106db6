import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { pathOf } from '../database/open-database.ts'
import { NOT_MADE } from '../settings/start-failure.ts'
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
    if (existsSync(copy)) throw new GaveUp(`${copy} is there already: name another file`)
    const draft = `${copy}.${randomBytes(6).toString('hex')}.part`
    closeSync(openSync(draft, 'wx', 0o600)) // there are password hashes in it
    try {
      writeCopy(path, draft)
      renameSync(draft, copy) // one that was cut off never has the name of a copy
    } catch (error) {
      for (const file of [draft, `${draft}-journal`]) rmSync(file, { force: true })
      throw error
    }
    process.stdout.write(
      `${copy} has the database as it was now. docs/operations.md says how to put it back.\n`,
    )
  })
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
