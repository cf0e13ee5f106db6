import type { Pool } from 'pg'
import { forgetDaily } from '../database/daily-cleanup.ts'
import { serialized } from '../database/postgres-sql.ts'
import { orUnavailable, storeUnavailable } from '../sessions/refusal.ts'
import type { SessionStore, StoredValue } from '../sessions/store.ts'
import { batchReads } from './batched-reads.ts'
import { followClock } from './store-clock.ts'

/**
 * Sessions in the PostgreSQL database that also holds the users: `handle` is the primary key, so a user cannot have two records.
 * The clock is that of the database. A standby is refused, because its answers may be old.
 */
export async function postgresStore(pool: Pool, table = 'oneseat_sessions'): Promise<SessionStore> {
  const name = `"${table.replaceAll('"', '""')}"`
  const queries = queriesOf(name)
  const clock = followClock()
  const read = batchReads(readMany, BATCH)
  await read('')
  const endForgetting = forgetDaily(
    async (limit) => (await pool.query(queries.forget, [limit])).rowCount ?? 0,
    () => {}, // requests that need the store report the error
  )

  return {
    histories: 'none',
    read,
    swap: async (handle, { text }, next, keepUntil) => {
      const until = Math.ceil(keepUntil)
      const { rowCount } = await orUnavailable(
        serialized(() =>
          text === null
            ? pool.query(queries.insert, [handle, next, until])
            : pool.query(queries.update, [handle, next, until, text]),
        ),
      )
      return rowCount === 1
    },
    now: () => clock.now() as number, // the first read has set it
    ping: async () => {
      await read('')
      await orUnavailable(pool.query(queries.write))
    },
    close: endForgetting,
  }

  async function readMany(handles: string[]): Promise<StoredValue[]> {
    const learn = clock.ask()
    const { rows } = await orUnavailable(pool.query<Row>(queries.read, [handles]))
    const [first] = rows as [Row]
    if (first.standby) throw storeUnavailable(new Error('the database is a standby'))
    learn(first.now)
    return rows.map(({ value }) => ({ text: value, history: '', parent: '' }))
  }
}

type Row = { value: string | null; now: number; standby: boolean }

function queriesOf(table: string) {
  return {
    read: `
      SELECT value, pg_is_in_recovery() AS standby,
        floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now
      FROM unnest($1::text[]) WITH ORDINALITY AS asked (handle, nth) LEFT JOIN ${table} USING (handle)
      ORDER BY nth`,

    insert: `INSERT INTO ${table} (handle, value, keep_until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,

    /** If another swap holds the row, this waits for it and then compares with the new value (READ COMMITTED). */
    update: `UPDATE ${table} SET value = $2, keep_until = $3 WHERE handle = $1 AND value = $4`,

    /** Changes nothing, but fails if the database cannot be written to. */
    write: `UPDATE ${table} SET value = value WHERE handle = ''`,

    /** Uses the index. If several instances do this at the same time, each takes other rows. */
    forget: `
      DELETE FROM ${table} WHERE handle IN (
        SELECT handle FROM ${table} WHERE keep_until <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint
        LIMIT $1 FOR UPDATE SKIP LOCKED)`,
  }
}

/** Rows in one query. */
const BATCH = 100
