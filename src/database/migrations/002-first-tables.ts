import { type Kysely, sql } from 'kysely'

/**
 * Takes over the tables of versions before the first release, whose names had no prefix. Accounts and sessions stay. The old
 * table of migrations stays too, with a row that stops such a version from starting on this database.
 */
export async function up(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  const names = (await db.introspection.getTables({ withInternalKyselyTables: true })).map((t) => t.name)
  if (!names.includes('kysely_migration') || !names.includes('users')) return
  const done = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  if (!done.rows.some(({ name }) => name === '001-users')) return
  await sql`
    insert into oneseat_users
      (id, handle, number, credential_number, roles, data, disabled, deleted_at, live_until)
    select id, handle, epoch, credential_epoch, roles,
      ${kind === 'postgres' ? USER_DATA_POSTGRES : USER_DATA_SQLITE},
      case when disabled_at is null then 0 else 1 end, null,
      case when last_login_at is null then 0 else last_login_at + ${LONGEST_SESSION} end
    from users`.execute(db)
  await sql`
    insert into oneseat_accounts (user_id, username, password_hash, created_at, last_login_at)
    select id, username, password_hash, created_at, last_login_at from users`.execute(db)
  await addSkeletons(db)
  await sql`insert into oneseat_timeline select * from timeline`.execute(db)
  if (names.includes('seats')) {
    await sql`insert into oneseat_sessions select handle, value, keep_until from seats`.execute(db)
    await db.schema.dropTable('seats').execute()
  }
  for (const table of ['users', 'timeline', 'throttle']) {
    if (names.includes(table)) await db.schema.dropTable(table).execute()
  }
  await sql`insert into kysely_migration (name, timestamp) values ('999-moved', '')`.execute(db)
}

/**
 * Adds the skeleton of each name (UTS 39). If names look the same, only the oldest gets the skeleton; the others keep working
 * without one.
 */
async function addSkeletons(db: Kysely<unknown>): Promise<void> {
  // This is imported only here: an app with the plugin may not have the package that it needs.
  const { skeletonOf } = await import('../../accounts/skeleton.ts')
  const { rows } = await sql<{ user_id: string; username: string }>`
    select user_id, username from oneseat_accounts order by created_at, user_id`.execute(db)
  const seen = new Set<string>()
  const oldest = rows.filter(({ username }) => {
    const skeleton = skeletonOf(username)
    return !seen.has(skeleton) && seen.add(skeleton)
  })
  for (let start = 0; start < oldest.length; start += BATCH) {
    const skeletons = oldest
      .slice(start, start + BATCH)
      .map(({ user_id, username }) => sql`(${user_id}, ${skeletonOf(username)})`)
    await sql`update oneseat_accounts set skeleton = made.column2
      from (values ${sql.join(skeletons)}) as made where user_id = made.column1`.execute(db)
  }
}

/** Rows in one statement. Databases limit its number of values. */
const BATCH = 1000

const USER_DATA_SQLITE = sql`json_object('username', username, 'createdAt', created_at)`
const USER_DATA_POSTGRES = sql`json_build_object('username', username, 'createdAt', created_at)::text`

/** More than the longest life of a session of such a version: `ABSOLUTE_TIMEOUT` was a day or two at most. */
const LONGEST_SESSION = 30 * 24 * 60 * 60 * 1000
