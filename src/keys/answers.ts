import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Sql } from '../database/sql.ts'
import { queriesFor } from '../database/tables.ts'

/** A request that may be sent again, and its answer. */
export type KeptAnswer = {
  /** The hash of the first body. */
  bodyHash: string
  /** Random, made with the first request. The secret of the session is derived from it and the service key. */
  salt: string
  /** The answer without any secret; null if no answer is stored yet. */
  answer: string | null
}

/** The answers to requests with an `Idempotency-Key`, in SQL. They are kept for one to two days, and contain no secret. */
export type Answers = {
  /** Stores a request, or gives the first one with this id. It is about `userId`, and is deleted with that user. */
  begin(id: string, userId: string, first: Pick<KeptAnswer, 'bodyHash' | 'salt'>): Promise<KeptAnswer>
  /** Stores an answer, and gives the answer to send: if several were made at once, the first one. */
  finish(id: string, answer: string): Promise<string>
  /** Removes at most `limit` old answers, and gives how many. */
  forgetSome(limit: number): Promise<number>
}

/** The id of a request. It hides the Idempotency-Key, and differs for each service key. */
export function requestId(serviceKey: string, idempotencyKey: string): string {
  return hash('sha256', `request ${serviceKey} ${idempotencyKey}`, 'base64url')
}

export function sqlAnswers(db: Sql): Answers {
  const queries = queriesFor(db)
  return { begin, finish, forgetSome }

  async function begin(
    id: string,
    userId: string,
    { bodyHash, salt }: Pick<KeptAnswer, 'bodyHash' | 'salt'>,
  ): Promise<KeptAnswer> {
    const row = { id, user_id: userId, body_hash: bodyHash, salt, answer: null }
    const insert = queries.insertInto('oneseat_answers').values({ ...row, at: db.now })
    await db.run(insert.onConflict((clash) => clash.column('id').doNothing()))
    return (await find(id)) ?? { bodyHash, salt, answer: null }
  }

  async function finish(id: string, answer: string): Promise<string> {
    const update = queries.updateTable('oneseat_answers').set({ answer })
    await db.run(update.where('id', '=', id).where('answer', 'is', null))
    return (await find(id))?.answer ?? answer
  }

  /** Null if it was deleted meanwhile, for example with its user. */
  async function find(id: string): Promise<KeptAnswer | null> {
    const [row] = await db.run(queries.selectFrom('oneseat_answers').selectAll().where('id', '=', id))
    return row === undefined ? null : { bodyHash: row.body_hash, salt: row.salt, answer: row.answer }
  }

  async function forgetSome(limit: number): Promise<number> {
    const old = queries
      .selectFrom('oneseat_answers')
      .select('id')
      .where('at', '<', sql<number>`${db.now} - ${DAY}`)
      .limit(limit)
    const gone = await db.run(
      queries.deleteFrom('oneseat_answers').where('id', 'in', old).returning('id'),
    )
    return gone.length
  }
}

const DAY = 24 * 60 * 60 * 1000
