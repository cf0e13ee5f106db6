import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'

/**
 * Runs `work` with a SQLite file, and again while another process holds its lock, such as a backup or an import. SQLite could
 * wait itself, but would block the whole process. Here only the caller waits, for a limited time.
 */
export async function whenUnlocked<T>(work: () => T, patience = PATIENCE): Promise<T> {
  const until = performance.now() + patience
  for (let wait = 1; ; wait = Math.min(2 * wait, LONGEST)) {
    try {
      return work()
    } catch (error) {
      if (!isLocked(error) || performance.now() >= until) throw error
    }
    await pause(wait)
  }
}

/** Whether the file was locked: nothing was done, and the same call may succeed later. */
function isLocked(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** How long to wait for a lock, milliseconds. After that the store counts as unavailable. */
const PATIENCE = 2_000

/** The longest pause between two tries, milliseconds. Other processes release a lock for some milliseconds only. */
const LONGEST = 20
