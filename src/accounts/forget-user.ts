import { all, type Sql, type Transaction } from '../database/sql.ts'
import { queriesFor } from '../database/tables.ts'
import type { Outbox } from '../outbox/outbox.ts'

/** Removes what is kept of a deleted user beside their own row, wherever their account is. */
export function* forgetUser(
  db: Sql,
  outbox: Pick<Outbox, 'forgetDead'>,
  userId: string,
): Transaction<void> {
  const queries = queriesFor(db)
  for (const table of ['oneseat_timeline', 'oneseat_answers'] as const)
    yield* all(queries.deleteFrom(table).where('user_id', '=', userId))
  yield* outbox.forgetDead(userId)
}
