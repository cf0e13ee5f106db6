import { setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'

/**
 * Does something with a SQLite file, and again while another process has it locked, such as a backup or an import. SQLite could
 * wait by itself, but inside the call: the whole process would stand still. Here only the caller waits, and not for long.
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

/** Nothing was done, and the same call may succeed later. */
function isLocked(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** How long a lock is waited for, milliseconds. Then the store counts as unavailable. */
const PATIENCE = 2_000

/** Milliseconds between two tries: others let go of a lock for some milliseconds only. */
const LONGEST = 20
