import type { Database } from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import { whenUnlocked } from './when-unlocked.ts'

/**
 * Kysely's dialect for SQLite, on one connection that it shares with the sessions. Two things are different. While another process has
 * the file locked, only the query in question waits: reads go on. And a transaction takes the lock when it begins, so that
 * nothing inside it can find the file locked.
 */
export class SharedSqliteDialect extends SqliteDialect {
  readonly #database: Database

  constructor(database: Database) {
    super({ database })
    this.#database = database
  }

  override createDriver(): Driver {
    return new SharedSqliteDriver({ database: this.#database })
  }

  override createAdapter(): SqliteAdapter {
    return new SharedSqliteAdapter()
  }
}

/** Else Kysely would let a query wait for every other one that waits for the lock. The driver lets it wait for transactions only. */
class SharedSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/** Whoever works with it: the owner of a transaction, or a single query. */
type Lease = DatabaseConnection

class SharedSqliteDriver extends SqliteDriver {
  /** The transaction that is open. */
  #open: { owner: Lease; ended: PromiseWithResolvers<void> } | null = null

  override async acquireConnection(): Promise<Lease> {
    const connection = await super.acquireConnection()
    const lease: Lease = {
      executeQuery: <R>(query: CompiledQuery): Promise<QueryResult<R>> =>
        this.#open?.owner === lease
          ? connection.executeQuery<R>(query)
          : this.#outsideTransactions(() => connection.executeQuery<R>(query)),
      streamQuery: (...args) => connection.streamQuery(...args),
    }
    return lease
  }

  override async beginTransaction(lease: Lease): Promise<void> {
    const connection = await super.acquireConnection()
    await this.#outsideTransactions(async () => {
      this.#open = { owner: lease, ended: Promise.withResolvers() } // before anybody else can come between
      try {
        await connection.executeQuery(BEGIN)
      } catch (error) {
        this.#end()
        throw error
      }
    })
  }

  override async commitTransaction(lease: Lease): Promise<void> {
    await super.commitTransaction(lease)
    this.#end()
  }

  override async rollbackTransaction(lease: Lease): Promise<void> {
    try {
      await super.rollbackTransaction(lease)
    } finally {
      this.#end()
    }
  }

  /** `work` begins at once when it is called: nothing can come between the end of a transaction and its beginning. */
  #outsideTransactions<T>(work: () => Promise<T>): Promise<T> {
    return whenUnlocked(async () => {
      while (this.#open !== null) await this.#open.ended.promise
      return work()
    })
  }

  #end(): void {
    this.#open?.ended.resolve()
    this.#open = null
  }
}

const BEGIN = CompiledQuery.raw('begin immediate')
