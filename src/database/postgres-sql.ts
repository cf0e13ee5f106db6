import { type Compilable, sql } from 'kysely'
import pg, { type Pool, type PoolClient } from 'pg'
import { orUnavailable } from '../sessions/refusal.ts'
import type { Sql, Transaction } from './sql.ts'
import { queriesFor } from './tables.ts'

/** SQL over a pool of connections to PostgreSQL. After a failure a connection is not used again. */
export function postgresSql(pool: Pool): Sql {
  const queries = queriesFor({ kind: 'postgres' })

  async function execute(on: Pool | PoolClient, query: Compilable<unknown>): Promise<unknown[]> {
    const { sql: text, parameters: values } = query.compile()
    const ask = () => on.query({ text, values: [...values], types: TYPES })
    return (await orUnavailable(on === pool ? serialized(ask) : ask())).rows
  }

  async function transaction<R>(work: () => Transaction<R>): Promise<R> {
    const client = await orUnavailable(pool.connect())
    let failed = true
    try {
      await orUnavailable(client.query('BEGIN ISOLATION LEVEL READ COMMITTED')) // whatever the database prefers
      const running = work()
      let step = running.next([])
      while (!step.done) step = running.next(await execute(client, step.value))
      await orUnavailable(client.query('COMMIT'))
      failed = false
      return step.value
    } finally {
      client.release(failed) // this rolls back
    }
  }

  return {
    kind: 'postgres',
    run: <T>(query: Compilable<T>) => execute(pool, query) as Promise<T[]>,
    transaction,
    // Asked once for a statement, else no index would find what is due.
    now: sql<number>`(select floor(extract(epoch from clock_timestamp()) * 1000)::bigint)`,
    isStandby: sql<boolean>`pg_is_in_recovery()`,
    keepRows: sql`for key share`,
    *lockTable(table) {
      const lock = sql`lock table ${sql.table(table)} in share row exclusive mode`
      yield { compile: () => lock.compile(queries) }
    },
    close: () => pool.end(),
  }
}

/** Reads `bigint` as a number, whatever the application has configured: ours are times and counters, far below 2^53. */
const TYPES = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
}

/**
 * The answer to a statement that is a transaction by itself. A database that prefers a stricter isolation than READ COMMITTED
 * refuses one that waited for another to change the same row: sent again, it sees what is there now.
 */
export async function serialized<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await ask()
    } catch (error) {
      if (left === 0 || !(error instanceof Error && 'code' in error && error.code === '40001'))
        throw error
    }
  }
}

const TRIES = 5
