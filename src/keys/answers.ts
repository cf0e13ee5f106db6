import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Sql } from '../database/sql.ts'
import { queriesFor } from '../database/tables.ts'

/** A request that may come again, and what it was answered. */
export type KeptAnswer = {
  /** The hash of the body that came first. */
  bodyHash: string
  /** Random, made with the first request: from it and the service key the secret of the session is derived. */
  salt: string
  /** What was answered, without any secret; null if it is not known that an answer was made. */
  answer: string | null
}

/** The answers to requests with an `Idempotency-Key`, in SQL. They are kept for a day or two, and hold no secret. */
export type Answers = {
  /** The request as it came first, now or before. It is about `userId`, and forgotten with them. */
  begin(id: string, userId: string, first: Pick<KeptAnswer, 'bodyHash' | 'salt'>): Promise<KeptAnswer>
  /** Keeps an answer, and gives the one that counts: of several that were made at once, the first. */
  finish(id: string, answer: string): Promise<string>
  /** Removes at most so many that are too old, and gives how many. */
  forgetSome(limit: number): Promise<number>
}

/** The id of a request: nobody finds out the Idempotency-Key from it, and it is another for each service key. */
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

  /** Null if it was forgotten meanwhile, with its user for instance. */
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
