import type { Sql } from '../database/sql.ts'
import type { RandomBytes } from '../sessions/token.ts'
import { type Delivered, deliverKind } from './deliver-kind.ts'
import type { Deliver, MessageKind, Outbox } from './outbox.ts'
import { outboxQueue, type Queue } from './queue.ts'

/** An outbox in SQL. It delivers from `start` on until it is stopped. */
export type SqlOutbox = Outbox & {
  queue: Queue
  /** The deliverer of each kind. Set it before a message is added. */
  deliver: Partial<Record<MessageKind, Deliver>>
  /** `onDelivered` is called after each attempt. */
  start(onDelivered: (what: Delivered) => void): void
  stop(): Promise<void>
}

export function sqlOutbox(db: Sql, random: RandomBytes): SqlOutbox {
  const queue = outboxQueue(db)
  const deliver: SqlOutbox['deliver'] = {}
  let running: { stop(): Promise<void> }[] = []
  return {
    queue,
    deliver,
    *add(message) {
      if (deliver[message.kind] === undefined) return
      const id = message.id ?? random(16).toString('base64url')
      yield* queue.put({ ...message, id })
    },
    start(onDelivered) {
      running = (Object.entries(deliver) as [MessageKind, Deliver][]).map(([kind, each]) =>
        deliverKind({ queue, kind, deliver: each, random, onDelivered }),
      )
    },
    async stop() {
      await Promise.all(running.map((each) => each.stop()))
    },
  }
}
