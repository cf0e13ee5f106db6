import type { Kysely } from 'kysely'

/** Whether a login came from a new device, and which device cookies a dispute has made invalid. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('oneseat_timeline').addColumn('new_device', 'smallint').execute()
  await db.schema.alterTable('oneseat_accounts').addColumn('disputed_from', 'bigint').execute()
  await db.schema.alterTable('oneseat_accounts').addColumn('disputed_until', 'bigint').execute()
}
