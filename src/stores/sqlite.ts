import type { Database } from 'better-sqlite3'
import { forgetDaily } from '../database/daily-cleanup.ts'
import { whenFree } from '../database/sqlite-sql.ts'
import type { SessionStore, StoredValue } from '../sessions/store.ts'
import { batchReads } from './batched-reads.ts'
import { gatherWrites } from './gathered-writes.ts'

/**
 * Sessions in the SQLite file that also holds the users: `handle` is the primary key, so a user cannot have two records. The
 * clock is that of the machine, which all processes with the file share.
 */
export function sqliteStore(
  file: Database,
  clock: () => number,
  table = 'oneseat_sessions',
): SessionStore {
  const name = `"${table.replaceAll('"', '""')}"`
  const read = file.prepare<[string], string>(`SELECT value FROM ${name} WHERE handle = ?`).pluck()
  // One transaction, because locking the file costs more than finding a row.
  const readMany = file.transaction((handles: string[]) => handles.map((handle) => read.get(handle)))
  const insert = file.prepare(
    `INSERT INTO ${name} (value, keep_until, handle) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const update = file.prepare(
    `UPDATE ${name} SET value = ?, keep_until = ? WHERE handle = ? AND value = ?`,
  )
  const swapMany = file.transaction((swaps: Swap[]) =>
    swaps.map(([handle, { text }, next, keepUntil]) => {
      const { changes } =
        text === null ? insert.run(next, keepUntil, handle) : update.run(next, keepUntil, handle, text)
      return changes === 1
    }),
  )
  const proveWritable = file.transaction(() => {
    insert.run('', 0, '')
    forget.run(0, 1)
  })
  const swap = gatherWrites((swaps: Swap[]) => whenFree(file, () => swapMany.immediate(swaps)))
  const forget = file.prepare(
    `DELETE FROM ${name} WHERE handle IN (SELECT handle FROM ${name} WHERE keep_until <= ? LIMIT ?)`,
  )
  const endForgetting = forgetDaily(
    (limit) => whenFree(file, () => forget.run(clock(), limit).changes),
    () => {}, // requests that need the store report the error
  )

  return {
    histories: 'none',
    read: batchReads<StoredValue>(async (handles) => {
      const texts = await whenFree(file, () => readMany(handles))
      return texts.map((text) => ({ text: text ?? null, history: '', parent: '' }))
    }, BATCH),
    swap: (...change) => swap(change),
    now: clock,
    ping: () => whenFree(file, () => proveWritable.immediate()),
    close: endForgetting,
  }
}

type Swap = Parameters<SessionStore['swap']>

/** Rows in one transaction. It is small, so that a writer can checkpoint the log soon. */
const BATCH = 1_000
