import { sql } from 'kysely'
import { queriesFor } from '../../src/database/tables.ts'
import type { MessageKind } from '../../src/outbox/outbox.ts'
import type { Service } from './service.ts'
import { until } from './until.ts'

/** Waits until all messages have arrived. What has failed is sent again at once, and not after its pause. */
export async function allSent({ engines: { db, outbox } }: Service, kind: MessageKind): Promise<void> {
  const due = queriesFor(db).updateTable('oneseat_outbox').set({ next_at: sql`created_at` })
  await until(async () => {
    await db.run(due.where('error', 'is not', null))
    return (await outbox.queue.counts(kind)).waiting === 0
  }, 40_000)
}
