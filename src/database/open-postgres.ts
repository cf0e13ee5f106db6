import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'
import { tried } from '../errors.ts'
import { migrate } from './migrate.ts'
import type { Tables } from './tables.ts'

/** A pool, Kysely over it, and a narrow pool for counters: who floods the login is not to take the others' turn. */
export type PostgresStore = { pool: pg.Pool; db: Kysely<Tables>; counting: pg.Pool }

/**
 * Connects to the PostgreSQL database at `url` and brings its tables up to date; rejects if it cannot be reached. TLS is
 * asked for in the URL (`sslmode`, `sslrootcert`, `sslcert`, `sslkey`). `onError` hears of connections that were lost.
 */
export async function openPostgres(
  url: string,
  onError: (error: Error) => void,
): Promise<PostgresStore> {
  const migrating = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: 5_000 }, onError)
  const migrations = new Kysely<never>({ dialect: new PostgresDialect({ pool: migrating }) })
  try {
    const connection = await tried(migrating.connect()) // else whatever goes wrong would look like a bug of the migration
    connection.release()
    await migrate(migrations) // without the limits below: a large table may take its time
  } finally {
    await migrations.destroy()
  }
  const config = { ...LIMITS, connectionString: url, types: { getTypeParser } }
  const pool = openPool(config, onError)
  const counting = openPool({ ...config, max: 2 }, onError)
  const end = async () => {
    await Promise.all([pool.end(), counting.end()])
  }
  const dialect = new PostgresDialect({ pool: { ...leasing(pool), end } })
  return { pool, db: new Kysely({ dialect }), counting }
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

/** `bigint` as a number: ours are times and counters, far below 2^53. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): (text: string) => unknown {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')
}

/**
 * Kysely gives every connection back as if it were whole. After a query that the server did not answer it is not: it
 * would pass its silence on to whoever gets it next, for as long as the network says nothing. Such a one is closed.
 */
function leasing(pool: pg.Pool): Omit<PostgresPool, 'end'> {
  return {
    options: {},
    async connect() {
      const client = await pool.connect()
      let broken = false
      const query = async (text: unknown, values?: unknown) => {
        try {
          return await client.query(text as string, values as unknown[])
        } catch (error) {
          broken ||= !(error instanceof pg.DatabaseError)
          throw error
        }
      }
      return {
        query,
        release: (destroy?: boolean) => client.release(broken || destroy),
      } as unknown as Awaited<ReturnType<PostgresPool['connect']>>
    },
  }
}
