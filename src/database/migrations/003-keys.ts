import type { Kysely } from 'kysely'

/** Service keys, by their hashes; and the answers to requests that may be sent again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('oneseat_keys')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .execute()
  await db.schema
    .createTable('oneseat_answers')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('body_hash', 'text', (c) => c.notNull())
    .addColumn('salt', 'text', (c) => c.notNull())
    .addColumn('answer', 'text')
    .addColumn('at', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('oneseat_answers_at').on('oneseat_answers').column('at').execute()
}
