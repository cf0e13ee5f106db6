import type { Kysely } from 'kysely'

/** What happened to each account, by time: `id` begins with it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('timeline')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('session_id', 'text')
    .addColumn('ip', 'text')
    .addColumn('device', 'text')
    .addColumn('by_whom', 'text')
    .execute()
  await db.schema.createIndex('timeline_user').on('timeline').columns(['user_id', 'id']).execute()
}
