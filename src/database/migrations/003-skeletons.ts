import { type Kysely, sql } from 'kysely'
import { skeletonOf } from '../../accounts/skeleton.ts'

/**
 * What each name looks like (UTS 39), so that no two accounts look the same. Of those that do already, the oldest gets the
 * skeleton; the others keep their names and sign in as ever, with none.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('users').addColumn('skeleton', 'text').execute()
  for (let after = ''; ; ) {
    const { rows } = await sql<{ id: string; username: string }>`
      select id, username from users where id > ${after} order by id limit ${BATCH}`.execute(db)
    const last = rows.at(-1)
    if (last === undefined) break
    const skeletons = rows.map(({ id, username }) => sql`(${id}, ${skeletonOf(username)})`)
    await sql`update users set skeleton = made.column2
      from (values ${sql.join(skeletons)}) as made where users.id = made.column1`.execute(db)
    after = last.id
  }
  await sql`update users set skeleton = null where id in (
    select id from (
      select id, row_number() over (partition by skeleton order by created_at, id) as place from users
    ) as placed where place > 1
  )`.execute(db)
  await db.schema.createIndex('users_skeleton').on('users').column('skeleton').unique().execute()
}

/** Rows in one statement: databases bound how many values it may have. */
const BATCH = 1000
