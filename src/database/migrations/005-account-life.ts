import type { Kysely } from 'kysely'

/** One-time tokens, and names of deleted users that are still held. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('oneseat_tokens')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text')
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('oneseat_tokens_user')
    .on('oneseat_tokens')
    .columns(['user_id', 'purpose'])
    .execute()
  await db.schema
    .createIndex('oneseat_tokens_expires_at')
    .on('oneseat_tokens')
    .column('expires_at')
    .execute()
  await db.schema
    .createTable('oneseat_held_names')
    .addColumn('hash', 'text', (c) => c.primaryKey())
    .addColumn('until', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.alterTable('oneseat_timeline').addColumn('by_user', 'text').execute()
}
