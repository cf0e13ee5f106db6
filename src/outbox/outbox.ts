import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { all, type Sql, type Transaction } from '../database/sql.ts'
import { queriesFor } from '../database/tables.ts'

export type MessageKind = 'mail' | 'webhook'

/** Something to be told outside, by mail or by webhook. */
export type Message = { kind: MessageKind; type: string; userId: string | null; body: string }

/** Messages that are kept in SQL with the change that caused them, until they are delivered. */
export interface Outbox {
  /** Keeps a message as a part of the transaction of its cause. One of a kind that nobody delivers is not kept. */
  add(message: Message): Transaction<void>
}

/** Delivers a message; what it throws has the message tried again later. */
export type Deliver = (message: Message) => Promise<void>

/** An outbox that delivers what is due every `interval` milliseconds, from `start` until `stop`. */
export type SqlOutbox = Outbox & {
  deliver: Partial<Record<MessageKind, Deliver>>
  start(): void
  stop(): Promise<void>
}

export function sqlOutbox(db: Sql, clock: () => number, onError: (error: unknown) => void): SqlOutbox {
  const queries = queriesFor(db)
  const deliver: SqlOutbox['deliver'] = {}
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null

  return { add, deliver, start, stop }

  function* add({ kind, type, userId, body }: Message): Transaction<void> {
    if (deliver[kind] === undefined) return
    const id = clock().toString(36).padStart(9, '0') + randomBytes(8).toString('hex')
    const row = { id, kind, type, user_id: userId, body, attempts: 0, due_at: clock() }
    yield* all(queries.insertInto('oneseat_outbox').values(row))
  }

  function start(): void {
    timer = setInterval(() => {
      running ??= deliverDue().finally(() => {
        running = null
      })
    }, INTERVAL).unref()
  }

  async function stop(): Promise<void> {
    clearInterval(timer)
    await running
  }

  async function deliverDue(): Promise<void> {
    try {
      const due = queries.selectFrom('oneseat_outbox').selectAll().where('due_at', '<=', clock())
      for (const row of await db.run(due.orderBy('id').limit(AT_ONCE))) {
        const { id, kind, type, user_id: userId, body, attempts } = row
        try {
          await deliver[kind]?.({ kind, type, userId, body })
          await db.run(queries.deleteFrom('oneseat_outbox').where('id', '=', id))
        } catch (error) {
          onError(error)
          const later = { attempts: sql<number>`attempts + 1`, due_at: clock() + 1000 * 2 ** attempts }
          await db.run(queries.updateTable('oneseat_outbox').set(later).where('id', '=', id))
        }
      }
    } catch (error) {
      onError(error)
    }
  }
}

/** Milliseconds. */
const INTERVAL = 200
const AT_ONCE = 50
