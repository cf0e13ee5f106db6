import { Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { orUnavailable, storeUnavailable } from '../sessions/refusal.ts'
import { migrate, SERVICE, type Wanted } from './migrate.ts'
import { postgresSql, serialized } from './postgres-sql.ts'
import type { Sql } from './sql.ts'

/** A pool, SQL over it, and a small pool for counters, so that a flood of logins does not block other queries. */
export type PostgresStore = {
  pool: pg.Pool
  db: Sql
  counting: pg.Pool
  /** Whether the server stops statements after a time limit. Behind a pooler it does so only if its role has the limit. */
  givesUp: boolean
}

/**
 * Connects to the PostgreSQL database at `url` and migrates its tables; rejects if it cannot be reached. The URL configures TLS
 * (`sslmode`, `sslrootcert`, `sslcert`, `sslkey`). `onError` is called for lost connections. A connection keeps no state between
 * transactions, so a pooler such as PgBouncer can be in between.
 */
export async function openPostgres(
  url: string,
  onError: (error: Error) => void,
  wanted: Wanted = SERVICE,
): Promise<PostgresStore> {
  const migrating = openPool({ connectionString: url, max: 1, connectionTimeoutMillis: 5_000 }, onError)
  try {
    await bringUpToDate(migrating, wanted) // without the limits below, because a large table takes time
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

/** SQL over a pool of the application, after migrating its tables. The application closes the pool. */
export async function usePool(pool: pg.Pool, wanted: Wanted): Promise<Sql> {
  await bringUpToDate(pool, wanted)
  return { ...postgresSql(pool), close: async () => {} }
}

/** Migrates in one transaction with a lock, so that it happens once if several instances start together. */
async function bringUpToDate(pool: pg.Pool, wanted: Wanted): Promise<void> {
  const connection = await orUnavailable(pool.connect()) // otherwise any failure would look like a bug of the migration
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

/** Gives the transaction of a migration its own lock. Kysely would lock the connection, which a pooler gives to others. */
class LockedDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new LockedAdapter()
  }
}

class LockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/** Whether the server accepts limits when a connection is opened. A pooler refuses unknown parameters, or drops them. */
async function takesLimits(url: string): Promise<boolean> {
  const client = new pg.Client({ ...LIMITS, ...SERVER_LIMITS, connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ statement_timeout: string }>('SHOW statement_timeout')
    return rows[0]?.statement_timeout === `${SERVER_LIMITS.statement_timeout}ms`
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw storeUnavailable(error)
    return false // the server refused them, but has answered without them before
  } finally {
    await client.end()
  }
}

/**
 * Opens a pool that handles all connection errors. The pool itself only handles those of idle connections; others would end the
 * process.
 */
function openPool(config: pg.PoolConfig, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', () => {}) // the connection has reported it
  pool.on('connect', (client) => client.on('error', onError))
  return pool
}

/**
 * Removes the names of prepared statements. The library of the counters sets them, but a pooler may give the connection to
 * others.
 */
function withoutNames(pool: pg.Pool): pg.Pool {
  const query = pool.query.bind(pool) as (text: unknown, values?: unknown[]) => Promise<pg.QueryResult>
  const unnamed = (statement: string | pg.QueryConfig, values?: unknown[]) =>
    serialized(() =>
      query(typeof statement === 'string' ? statement : { ...statement, name: undefined }, values),
    )
  return Object.assign(pool, { query: unnamed })
}

/** The limits of the client, milliseconds: a statement is answered or given up soon. */
const LIMITS = {
  max: 10,
  connectionTimeoutMillis: 1_500,
  query_timeout: 1_500,
  keepAlive: true,
  application_name: 'oneseat',
} satisfies pg.PoolConfig

/** The limits of the server, which would otherwise continue the statement, milliseconds. */
const SERVER_LIMITS = {
  statement_timeout: 1_400,
  lock_timeout: 1_000,
  idle_in_transaction_session_timeout: 10_000,
} satisfies pg.PoolConfig
