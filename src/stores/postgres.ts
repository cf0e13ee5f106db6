import type { Pool } from 'pg'
import { forgetDaily } from '../database/daily-cleanup.ts'
import { storeUnavailable, tried } from '../errors.ts'
import type { Reading, Register } from '../sessions/store.ts'
import { batchReads } from './batched-reads.ts'
import { followClock } from './store-clock.ts'

/**
 * Sessions in the PostgreSQL database that also holds the users: `handle` is the primary key, so a user cannot have two
 * records. Time is the database's clock. A standby is refused: what it answers may be old.
 */
export async function postgresRegister(pool: Pool): Promise<Register> {
  await tried(pool.query(TABLE))
  const clock = followClock()
  const read = batchReads(readMany, BATCH)
  await read('')
  const forgetting = forgetDaily({
    forgetSome: async () => (await pool.query(FORGET, [FORGET_BATCH])).rowCount ?? 0,
    atMost: FORGET_BATCH,
    onError: () => {}, // whoever has a session to look at will tell
  })

  return {
    read,
    swap: async (handle, expected, next, keepUntil) => {
      const until = Math.ceil(keepUntil)
      const { rowCount } = await tried(
        expected === null
          ? pool.query(INSERT, [handle, next, until])
          : pool.query(UPDATE, [handle, next, until, expected]),
      )
      return rowCount === 1
    },
    now: () => clock.now() as number, // the read above has been answered
    ping: async () => {
      await read('')
    },
    close: forgetting.end,
  }

  async function readMany(handles: string[]): Promise<Reading[]> {
    const { rows } = await tried(pool.query<Row>(READ, [handles]))
    const [first] = rows as [Row]
    if (first.standby) throw storeUnavailable(new Error('the database is a standby'))
    clock.learn(first.now)
    // Users and sessions are one database: no part of it can fall behind the other, so there is nothing to confirm.
    return rows.map(({ value }) => ({ text: value, incarnation: '' }))
  }
}

type Row = { value: string | null; now: number; standby: boolean }

const READ = `
  SELECT value, pg_is_in_recovery() AS standby,
    floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now
  FROM unnest($1::text[]) WITH ORDINALITY AS asked (handle, nth) LEFT JOIN seats USING (handle)
  ORDER BY nth`

/** Rows in one query. */
const BATCH = 100

const INSERT = 'INSERT INTO seats (handle, value, keep_until) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING'

/** If another swap holds the row, this waits for it and then compares with what that one left (READ COMMITTED). */
const UPDATE = 'UPDATE seats SET value = $2, keep_until = $3 WHERE handle = $1 AND value = $4'

/** One transaction under a lock of its own, because `IF NOT EXISTS` is no protection from instances that start together. */
const TABLE = `
  SELECT pg_advisory_xact_lock(7237128);
  CREATE TABLE IF NOT EXISTS seats (handle text PRIMARY KEY, value text NOT NULL, keep_until bigint NOT NULL);
  CREATE INDEX IF NOT EXISTS seats_keep_until ON seats (keep_until)`

/** By the index; of instances that forget at the same time one takes what the other has not. */
const FORGET = `
  DELETE FROM seats WHERE handle IN (
    SELECT handle FROM seats WHERE keep_until <= (extract(epoch FROM clock_timestamp()) * 1000)::bigint
    LIMIT $1 FOR UPDATE SKIP LOCKED)`

/** Rows in one statement. */
const FORGET_BATCH = 1_000
