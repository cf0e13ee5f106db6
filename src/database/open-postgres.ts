import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { orUnavailable } from '../sessions/refusal.ts'
import { migrate, SERVICE, type Wanted } from './migrate.ts'
import { postgresSql } from './postgres-sql.ts'
import type { Sql } from './sql.ts'

/** A pool, SQL over it, and a narrow pool for counters: who floods the login is not to take the others' turn. */
export type PostgresStore = { pool: pg.Pool; db: Sql; counting: pg.Pool }

/**
 * Connects to the PostgreSQL database at `url` and brings its tables up to date; rejects if it cannot be reached. TLS is
 * asked for in the URL (`sslmode`, `sslrootcert`, `sslcert`, `sslkey`). `onError` hears of connections that were lost.
 */
export async function openPostgres(
  url: string,
  onError: (error: Error) => void,
  wanted: Wanted = SERVICE,
): Promise<PostgresStore> {
  const migrating = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: 5_000 }, onError)
  const migrations = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: migrating }) })
  try {
    const connection = await orUnavailable(migrating.connect()) // else whatever goes wrong would look like a bug of the migration
    connection.release()
    await migrate(migrations, 'postgres', wanted) // without the limits below: a large table may take its time
  } finally {
    await migrations.destroy()
  }
  const config = { ...LIMITS, connectionString: url }
  const pool = openPool(config, onError)
  const counting = openPool({ ...config, max: 2 }, onError)
  const close = async () => {
    await Promise.all([pool.end(), counting.end()])
  }
  return { pool, db: { ...postgresSql(pool), close }, counting }
}

/** SQL over a pool that the application has, with its tables brought up to date. The pool stays the application's. */
export async function usePool(pool: pg.Pool, wanted: Wanted): Promise<Sql> {
  const migrations = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  const connection = await orUnavailable(pool.connect())
  connection.release()
  await migrate(migrations, 'postgres', wanted)
  return { ...postgresSql(pool), close: async () => {} }
}

/** The pool listens to a connection while it is idle; one that breaks in use, or while it is closed, would end the process. */
function openPool(config: pg.PoolConfig, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', () => {}) // the connection has told
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/** A statement is answered or given up soon, by the server as well as by us. Milliseconds. */
const LIMITS = {
  max: 10,
  connectionTimeoutMillis: 1_500,
  query_timeout: 1_500,
  statement_timeout: 1_400,
  lock_timeout: 1_000,
  idle_in_transaction_session_timeout: 10_000,
  keepAlive: true,
  application_name: 'oneseat',
} satisfies pg.PoolConfig
