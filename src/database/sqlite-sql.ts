import Database from 'better-sqlite3'
import { type Compilable, sql } from 'kysely'
import { storeUnavailable } from '../sessions/refusal.ts'
import type { Sql, Transaction } from './sql.ts'
import { whenUnlocked } from './when-unlocked.ts'

/** SQL over an open SQLite file. */
export function sqliteSql(file: Database.Database): Sql {
  const statements = new Map<string, Database.Statement>()

  function execute(query: Compilable<unknown>): unknown[] {
    const { sql: text, parameters } = query.compile()
    const statement = prepare(text)
    if (statement.reader) return statement.all(...parameters)
    statement.run(...parameters)
    return []
  }

  function prepare(text: string): Database.Statement {
    const known = statements.get(text)
    if (known !== undefined) return known
    const statement = file.prepare(text)
    if (statements.size >= STATEMENTS) statements.clear()
    statements.set(text, statement)
    return statement
  }

  function drive<R>(work: Transaction<R>): R {
    let step = work.next([])
    while (!step.done) step = work.next(execute(step.value))
    return step.value
  }

  return {
    kind: 'sqlite',
    run: <T>(query: Compilable<T>) => whenFree(file, () => execute(query) as T[]),
    transaction: (work) => whenFree(file, () => file.transaction(() => drive(work())).immediate()),
    now: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
    isStandby: sql<number>`0`,
    // Not needed, because SQLite has one writer at a time.
    keepRows: sql``,
    *lockTable() {},
    close: async () => {
      file.close()
    },
  }
}

/**
 * Runs `work`, and again while another process holds the lock of the file. An error of SQLite, or a closed file, is thrown as
 * `store_unavailable`.
 */
export async function whenFree<T>(file: Database.Database, work: () => T): Promise<T> {
  try {
    return await whenUnlocked(work)
  } catch (error) {
    if (!(error instanceof Database.SqliteError) && file.open) throw error
    throw storeUnavailable(error)
  }
}

/** How many prepared statements are kept. */
const STATEMENTS = 200
