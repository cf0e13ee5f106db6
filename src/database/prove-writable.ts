import { all, type Sql } from './sql.ts'
import { queriesFor } from './tables.ts'

/**
 * Throws if the database cannot be written to now, such as a standby, or one whose disk is full. Commits a row that the same
 * transaction takes away again: a row that stays as it was SQLite would not write.
 */
export function proveWritable(db: Sql): Promise<void> {
  const queries = queriesFor(db)
  return db.transaction(function* () {
    const row = { history: '', stamp: '', parent: '' }
    yield* all(queries.insertInto('oneseat_histories').values(row))
    yield* all(queries.deleteFrom('oneseat_histories').where('history', '=', ''))
  })
}
