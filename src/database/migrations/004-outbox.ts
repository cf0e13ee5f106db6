import type { Kysely } from 'kysely'

/** Messages that still have to be sent by webhook or mail. */
export async function up(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const counting = kind === 'sqlite' ? 'integer' : 'bigserial'
  await db.schema
    .createTable('oneseat_outbox')
    .addColumn('seq', counting, (c) =>
      kind === 'sqlite' ? c.primaryKey().autoIncrement() : c.primaryKey(),
    )
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text')
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('give_up_at', 'bigint', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'bigint')
    .addColumn('dead_at', 'bigint')
    .addColumn('error', 'text')
    .execute()
  await db.schema
    .createIndex('oneseat_outbox_next')
    .on('oneseat_outbox')
    .columns(['kind', 'next_at', 'seq'])
    .execute()
  await db.schema
    .createIndex('oneseat_outbox_user')
    .on('oneseat_outbox')
    .columns(['kind', 'user_id', 'seq'])
    .execute()
}
