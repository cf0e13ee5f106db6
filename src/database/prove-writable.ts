import { all, type Sql } from './sql.ts'
import { queriesFor } from './tables.ts'

/**
 * Throws if the database cannot be written to: it is a standby, or its disk is full. Adds a row and removes it in the same
 * transaction, because SQLite would not write an unchanged row.
 */
export function proveWritable(db: Sql): Promise<void> {
  const queries = queriesFor(db)
  return db.transaction(function* () {
    const row = { history: '', stamp: '', parent: '' }
    yield* all(queries.insertInto('oneseat_histories').values(row))
    yield* all(queries.deleteFrom('oneseat_histories').where('history', '=', ''))
  })
}
