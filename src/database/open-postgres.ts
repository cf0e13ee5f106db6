import { Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { orUnavailable, storeUnavailable } from '../sessions/refusal.ts'
import { migrate, SERVICE, type Wanted } from './migrate.ts'
import { postgresSql, serialized } from './postgres-sql.ts'
import type { Sql } from './sql.ts'

/** A pool, SQL over it, and a narrow pool for counters, so that a flood of logins does not keep other queries waiting. */
export type PostgresStore = {
  pool: pg.Pool
  db: Sql
  counting: pg.Pool
  /** Whether the server gives statements up by itself. Behind a pooler it does not, unless its role is set so. */
  givesUp: boolean
}

/**
 * Connects to the PostgreSQL database at `url` and brings its tables up to date; rejects if it cannot be reached. TLS is
 * asked for in the URL (`sslmode`, `sslrootcert`, `sslcert`, `sslkey`). `onError` hears of connections that were lost.
 * Nothing is kept in a connection from one transaction to the next, so a pooler such as PgBouncer may stand between.
 */
export async function openPostgres(
  url: string,
  onError: (error: Error) => void,
  wanted: Wanted = SERVICE,
): Promise<PostgresStore> {
  const migrating = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: 5_000 }, onError)
  try {
    await bringUpToDate(migrating, wanted) // without the limits below: a large table may take its time
  } finally {
    await migrating.end()
  }
  const givesUp = await takesLimits(url)
  const config = { ...LIMITS, ...(givesUp ? SERVER_LIMITS : {}), connectionString: url }
  const pool = openPool(config, onError)
  const counting = withoutNames(openPool({ ...config, max: 2 }, onError))
  const close = async () => {
    await Promise.all([pool.end(), counting.end()])
  }
  return { pool, db: { ...postgresSql(pool), close }, counting, givesUp }
}

/** SQL over a pool that the application has, with its tables brought up to date. The pool stays the application's. */
export async function usePool(pool: pg.Pool, wanted: Wanted): Promise<Sql> {
  await bringUpToDate(pool, wanted)
  return { ...postgresSql(pool), close: async () => {} }
}

/** In one transaction with a lock, so that instances that start together do it once. */
async function bringUpToDate(pool: pg.Pool, wanted: Wanted): Promise<void> {
  const connection = await orUnavailable(pool.connect()) // else whatever goes wrong would look like a bug of the migration
  connection.release()
  const failed: unknown[] = []
  const db = new Kysely<unknown>({
    dialect: new LockedDialect({ pool }),
    log(event) {
      if (event.level === 'error') failed.push(event.error)
    },
  })
  const migrating = db.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(7237127)`.execute(transaction)
    await migrate(transaction, 'postgres', wanted)
  })
  await migrating.catch((error: unknown) => {
    throw isAborted(error) ? failed[0] : error // Kysely asks on, and hears that something has failed before
  })
}

function isAborted(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '25P02'
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
    if (!(error instanceof pg.DatabaseError)) throw storeUnavailable(error)
    return false // it answers, and has just answered without them
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
    serialized(() =>
      query(typeof statement === 'string' ? statement : { ...statement, name: undefined }, values),
    )
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
