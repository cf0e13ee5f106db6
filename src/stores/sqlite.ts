import type { Database } from 'better-sqlite3'
import { forgetDaily } from '../database/daily-cleanup.ts'
import { whenUnlocked } from '../database/when-unlocked.ts'
import { storeUnavailable } from '../errors.ts'
import type { Reading, Register } from '../sessions/store.ts'
import { batchReads } from './batched-reads.ts'
import { gatherWrites } from './gathered-writes.ts'

/**
 * Sessions in the SQLite file that also holds the users: `handle` is the primary key, so a user cannot have two records.
 * Time is the machine's clock, which all processes that can open the file share.
 */
export function sqliteRegister(db: Database, clock: () => number): Register {
  db.exec(
    'CREATE TABLE IF NOT EXISTS seats (handle TEXT PRIMARY KEY, value TEXT NOT NULL, keep_until INTEGER NOT NULL) WITHOUT ROWID',
  )
  db.exec('CREATE INDEX IF NOT EXISTS seats_keep_until ON seats (keep_until)')
  const read = db.prepare<[string], string>('SELECT value FROM seats WHERE handle = ?').pluck()
  // One transaction, because taking and giving back the file's locks costs more than finding a row.
  const readMany = db.transaction((handles: string[]) => handles.map((handle) => read.get(handle)))
  const insert = db.prepare(
    'INSERT INTO seats (value, keep_until, handle) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const update = db.prepare('UPDATE seats SET value = ?, keep_until = ? WHERE handle = ? AND value = ?')
  const swapMany = db.transaction((swaps: Swap[]) =>
    swaps.map(([handle, expected, next, keepUntil]) => {
      const { changes } =
        expected === null
          ? insert.run(next, keepUntil, handle)
          : update.run(next, keepUntil, handle, expected)
      return changes === 1
    }),
  )
  const swap = gatherWrites((swaps: Swap[]) => tried(() => swapMany.immediate(swaps)))
  const forget = db.prepare(
    'DELETE FROM seats WHERE handle IN (SELECT handle FROM seats WHERE keep_until <= ? LIMIT ?)',
  )
  const forgetting = forgetDaily({
    forgetSome: () => whenUnlocked(() => forget.run(clock(), BATCH).changes),
    atMost: BATCH,
    onError: () => {}, // whoever has a session to look at will tell
  })

  return {
    read: batchReads<Reading>(async (handles) => {
      const texts = await tried(() => readMany(handles))
      // Users and sessions are one file: no part of it can fall behind the other, so there is nothing to confirm.
      return texts.map((text) => ({ text: text ?? null, incarnation: '' }))
    }, BATCH),
    swap: (...change) => swap(change),
    now: clock,
    ping: async () => {
      await tried(() => read.get(''))
    },
    close: forgetting.end,
  }
}

type Swap = Parameters<Register['swap']>

/** Rows in one transaction: few enough that a writer who wants to tidy up the log is not kept waiting. */
const BATCH = 1_000

async function tried<T>(work: () => T): Promise<T> {
  try {
    return await whenUnlocked(work)
  } catch (error) {
    throw storeUnavailable(error)
  }
}
