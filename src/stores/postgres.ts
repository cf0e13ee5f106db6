import type { Pool } from 'pg'
import { forgetDaily } from '../database/daily-cleanup.ts'
import { serialized } from '../database/postgres-sql.ts'
import { orUnavailable, storeUnavailable } from '../sessions/refusal.ts'
import type { SessionStore, StoredValue } from '../sessions/store.ts'
import { batchReads } from './batched-reads.ts'
import { followClock } from './store-clock.ts'

/**
 * Sessions in the PostgreSQL database that also holds the users: `handle` is the primary key, so a user cannot have two
 * records. Time is the database's clock. A standby is refused: what it answers may be old.
 */
export async function postgresStore(pool: Pool, table = 'oneseat_sessions'): Promise<SessionStore> {
  const name = `"${table.replaceAll('"', '""')}"`
  const queries = queriesOf(name)
  const clock = followClock()
  const read = batchReads(readMany, BATCH)
  await read('')
  const endForgetting = forgetDaily(
    async (limit) => (await pool.query(queries.forget, [limit])).rowCount ?? 0,
    () => {}, // a request that needs the store reports what is wrong with it
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
    now: () => clock.now() as number, // the read above has been answered
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

    /** If another swap holds the row, this waits for it and then compares with what that one left (READ COMMITTED). */
    update: `UPDATE ${table} SET value = $2, keep_until = $3 WHERE handle = $1 AND value = $4`,

    /** Fails where nothing can be written, and changes nothing. */
    write: `UPDATE ${table} SET value = value WHERE handle = ''`,

    /** By the index; of instances that forget at the same time one takes what the other has not. */
    forget: `
      DELETE FROM ${table} WHERE handle IN (
        SELECT handle FROM ${table} WHERE keep_until <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint
        LIMIT $1 FOR UPDATE SKIP LOCKED)`,
  }
}

/** Rows in one query. */
const BATCH = 100
