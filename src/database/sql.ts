import type { Compilable, RawBuilder } from 'kysely'

/**
 * Runs SQL, in the same way on SQLite and PostgreSQL. Kysely builds the queries. An error of the database is thrown as
 * `store_unavailable`.
 */
export interface Sql {
  readonly kind: 'sqlite' | 'postgres'

  /** Runs one query, which is atomic by itself. */
  run<T>(query: Compilable<T>): Promise<T[]>

  /**
   * Runs all queries that `work` yields as one transaction; if it throws, nothing is done. On SQLite this is synchronous, so no
   * other code of this process runs in between. On PostgreSQL it waits for each query.
   */
  transaction<R>(work: () => Transaction<R>): Promise<R>

  /** The database's clock, milliseconds since 1970. */
  readonly now: RawBuilder<number>

  /** Whether this is a standby, which may lag behind the primary. */
  readonly isStandby: RawBuilder<boolean | number>

  /** Locks the rows that a query finds until the end of the transaction, so that they are not removed. */
  readonly keepRows: RawBuilder<unknown>

  /**
   * Makes other transactions that change this table wait until the end of this one. They can still read it, and lock its rows
   * with `keepRows`.
   */
  lockTable(table: string): Transaction<void>

  close(): Promise<void>
}

/** A transaction as a generator: it yields queries and gets their rows. */
export type Transaction<R> = Generator<Compilable<unknown>, R, unknown[]>

/** The rows of a query in a transaction. */
export function* all<T>(query: Compilable<T>): Generator<Compilable<unknown>, T[], unknown[]> {
  return (yield query) as T[] // `run` gives each query the rows that Kysely says it has
}

/** The first row of a query in a transaction, or null. */
export function* one<T>(query: Compilable<T>): Generator<Compilable<unknown>, T | null, unknown[]> {
  return (yield* all(query))[0] ?? null
}
