import { Kysely, PostgresAdapter, PostgresDialect, type PostgresPool, sql } from 'kysely'
import pg from 'pg'
import { storeUnavailable, tried } from '../errors.ts'
import { migrate } from './migrate.ts'
import type { Tables } from './tables.ts'

/** A pool, Kysely over it, and a narrow pool for counters: who floods the login is not to take the others' turn. */
export type PostgresStore = {
  pool: pg.Pool
  db: Kysely<Tables>
  counting: pg.Pool
  /** Whether the server gives statements up by itself. Behind a pooler it does not, unless its role is set so. */
  givesUp: boolean
}

/**
 * Connects to the PostgreSQL database at `url` and brings its tables up to date; rejects if it cannot be reached. TLS is
 * asked for in the URL (`sslmode`, `sslrootcert`, `sslcert`, `sslkey`). `onError` hears of connections that were lost.
 * Nothing is kept in a connection from one statement to the next, so a pooler such as PgBouncer may stand between.
 */
export async function openPostgres(
  url: string,
  onError: (error: Error) => void,
): Promise<PostgresStore> {
  await bringUpToDate(url, onError)
  const givesUp = await takesLimits(url)
  const config = {
    ...LIMITS,
    ...(givesUp ? SERVER_LIMITS : {}),
    connectionString: url,
    types: { getTypeParser },
  }
  const pool = openPool(config, onError)
  const counting = withoutNames(openPool({ ...config, max: 2 }, onError))
  const end = async () => {
    await Promise.all([pool.end(), counting.end()])
  }
  const dialect = new PostgresDialect({ pool: { ...leasing(pool), end } })
  return { pool, db: new Kysely({ dialect }), counting, givesUp }
}

/** Without the limits below: a large table may take its time. */
async function bringUpToDate(url: string, onError: (error: Error) => void): Promise<void> {
  const pool = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: 5_000 }, onError)
  const db = new Kysely<never>({ dialect: new LockedDialect({ pool }) })
  try {
    const connection = await tried(pool.connect()) // else whatever goes wrong would look like a bug of the migration
    connection.release()
    await db.transaction().execute(async (transaction) => {
      await sql`SELECT pg_advisory_xact_lock(7237127)`.execute(transaction)
      await migrate(transaction)
    })
  } finally {
    await db.destroy()
  }
}

/** The transaction of a migration has a lock of its own. Kysely's would be of the connection, which a pooler gives to others. */
class LockedDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new LockedAdapter()
  }
}

class LockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/** Whether the server takes limits when a connection is opened. A pooler refuses what it does not know, or leaves it out. */
async function takesLimits(url: string): Promise<boolean> {
  const client = new pg.Client({ ...LIMITS, ...SERVER_LIMITS, connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ statement_timeout: string }>('SHOW statement_timeout')
    return rows[0]?.statement_timeout === `${SERVER_LIMITS.statement_timeout}ms`
  } catch (error) {
    if (error instanceof pg.DatabaseError) return false // it answers, and has just answered without them
    throw storeUnavailable(error)
  } finally {
    await client.end()
  }
}

/** The pool listens to a connection while it is idle; one that breaks in use, or while it is closed, would end the process. */
function openPool(config: pg.PoolConfig, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', () => {}) // the connection has told
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/** The library that counts prepares its statements by name, in a connection that a pooler may give to somebody else. */
function withoutNames(pool: pg.Pool): pg.Pool {
  const query = pool.query.bind(pool) as (text: unknown, values?: unknown[]) => Promise<pg.QueryResult>
  const unnamed = (statement: string | pg.QueryConfig, values?: unknown[]) =>
    query(typeof statement === 'string' ? statement : { ...statement, name: undefined }, values)
  return Object.assign(pool, { query: unnamed })
}

/** A statement is answered or given up soon by us. Milliseconds. */
const LIMITS = {
  max: 10,
  connectionTimeoutMillis: 1_500,
  query_timeout: 1_500,
  keepAlive: true,
  application_name: 'oneseat',
} satisfies pg.PoolConfig

/** And by the server, which else would go on with it. Milliseconds. */
const SERVER_LIMITS = {
  statement_timeout: 1_400,
  lock_timeout: 1_000,
  idle_in_transaction_session_timeout: 10_000,
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
