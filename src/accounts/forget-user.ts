import { setTimeout as pause } from 'node:timers/promises'
import { all, type Sql, type Transaction } from '../database/sql.ts'
import { queriesFor } from '../database/tables.ts'
import { FORGET_USER } from '../mail/deliver-mail.ts'
import { KINDS, type Message, type Outbox } from '../outbox/outbox.ts'

/**
 * Removes what is kept of a deleted user beside their own row, wherever their account is. It can be millions of events, and a
 * database gives up a statement that takes too long: what is left after the first is a message to ourselves.
 */
export function* forgetUser(db: Sql, outbox: Pick<Outbox, 'add'>, userId: string): Transaction<void> {
  if (yield* forgetSome(db, userId)) yield* outbox.add(restOf(userId))
}

/** Removes what is left, a little at a time, until it is told to stop. Then another message goes on with it. */
export async function forgetRest(
  db: Sql,
  outbox: Pick<Outbox, 'add'>,
  userId: string,
  signal: AbortSignal,
): Promise<void> {
  while (await db.transaction(() => forgetSome(db, userId))) {
    if (signal.aborted) return db.transaction(() => outbox.add(restOf(userId)))
    await pause(PAUSE) // for others who want to write
  }
}

function restOf(userId: string): Message {
  return { kind: 'mail', type: FORGET_USER, userId: null, body: userId }
}

/** Gives whether there may be more. That they were deleted stays on the timeline. */
function* forgetSome(db: Sql, userId: string): Transaction<boolean> {
  const queries = queriesFor(db)
  const events = queries.selectFrom('oneseat_timeline').where('type', '!=', 'user_deleted').select('id')
  const answers = queries.selectFrom('oneseat_answers').select('id')
  const letters = queries.selectFrom('oneseat_outbox').where('dead_at', 'is not', null).select('id')
  const found = {
    // In this order, else PostgreSQL may read the whole table to find those of somebody who has many of them.
    events: events.where('user_id', '=', userId).orderBy('id').limit(AT_ONCE),
    answers: answers.where('user_id', '=', userId).limit(AT_ONCE),
    letters: letters.where('kind', 'in', KINDS).where('user_id', '=', userId).limit(AT_ONCE),
  }
  const gone = [
    yield* all(queries.deleteFrom('oneseat_timeline').where('id', 'in', found.events).returning('id')),
    yield* all(queries.deleteFrom('oneseat_answers').where('id', 'in', found.answers).returning('id')),
    yield* all(queries.deleteFrom('oneseat_outbox').where('id', 'in', found.letters).returning('id')),
  ]
  return gone.some(({ length }) => length === AT_ONCE)
}

/** Rows in one statement. */
const AT_ONCE = 1_000
/** Milliseconds. */
const PAUSE = 20
