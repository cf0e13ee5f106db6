import type { Transaction } from '../database/sql.ts'
import { sentenceOf } from '../timeline/sentence.ts'
import type { KeptEvent } from '../timeline/timeline.ts'
import type { Outbox } from './outbox.ts'
import { webhookBody } from './webhook-body.ts'

/**
 * Adds events to the outbox for the webhook, in the transaction that stores them. So the webhook gets exactly the events of the
 * timeline.
 */
export function tellWebhook(outbox: Outbox) {
  return function* tell(events: readonly KeptEvent[]): Transaction<void> {
    for (const event of events) {
      const { id, userId, type, at, ...more } = event
      const body = webhookBody(type, at, { id, userId, ...more, story: sentenceOf(event) })
      yield* outbox.add({ id, kind: 'webhook', type, userId, body })
    }
  }
}
