import type { Kysely } from 'kysely'

/** The user of a stored answer, so that it is deleted with them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('oneseat_answers').addColumn('user_id', 'text').execute()
  await db.schema.createIndex('oneseat_answers_user').on('oneseat_answers').column('user_id').execute()
}
