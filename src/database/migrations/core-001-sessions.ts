import type { Kysely } from 'kysely'
import type { coreTables } from '../tables.ts'

/** Tables of the sessions core: users with their login numbers, open changes, histories, and session records. */
export async function up(db: Kysely<unknown>, tables: ReturnType<typeof coreTables>): Promise<void> {
  await db.schema
    .createTable(tables.users)
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('handle', 'text', (c) => c.notNull().unique())
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('credential_number', 'bigint', (c) => c.notNull())
    .addColumn('roles', 'text', (c) => c.notNull())
    .addColumn('data', 'text')
    .addColumn('disabled', 'smallint', (c) => c.notNull())
    .addColumn('deleted_at', 'bigint')
    .addColumn('live_until', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex(`${tables.users}_live_until`)
    .on(tables.users)
    .columns(['live_until', 'id'])
    .execute()
  await db.schema
    .createTable(tables.changes)
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('number', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text')
    .addColumn('note', 'text')
    .addPrimaryKeyConstraint(`${tables.changes}_key`, ['user_id', 'number'])
    .execute()
  await db.schema.createIndex(`${tables.changes}_at`).on(tables.changes).column('at').execute()
  await db.schema
    .createTable(tables.histories)
    .addColumn('history', 'text', (c) => c.primaryKey())
    .addColumn('stamp', 'text', (c) => c.notNull())
    .addColumn('parent', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable(tables.sessions)
    .addColumn('handle', 'text', (c) => c.primaryKey())
    .addColumn('value', 'text', (c) => c.notNull())
    .addColumn('keep_until', 'bigint', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex(`${tables.sessions}_keep_until`)
    .on(tables.sessions)
    .column('keep_until')
    .execute()
}
