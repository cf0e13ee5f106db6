import type { Kysely } from 'kysely'

/** Tables of the service: accounts with passwords, and their timeline. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('oneseat_accounts')
    .addColumn('user_id', 'text', (c) => c.primaryKey())
    .addColumn('username', 'text', (c) => c.notNull().unique())
    .addColumn('skeleton', 'text', (c) => c.unique())
    .addColumn('password_hash', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_login_at', 'bigint')
    .execute()
  await db.schema
    .createTable('oneseat_timeline')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('session_id', 'text')
    .addColumn('ip', 'text')
    .addColumn('device', 'text')
    .addColumn('by_whom', 'text')
    .execute()
  await db.schema
    .createIndex('oneseat_timeline_user')
    .on('oneseat_timeline')
    .columns(['user_id', 'id'])
    .execute()
}
