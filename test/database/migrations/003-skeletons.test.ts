import { type Kysely, sql } from 'kysely'
import t, { type Test } from 'tap'
import { skeletonOf } from '../../../src/accounts/skeleton.ts'
import { sqlAccounts } from '../../../src/accounts/sql-accounts.ts'
import { migrate } from '../../../src/database/migrate.ts'
import { openPostgres } from '../../../src/database/open-postgres.ts'
import { openSqlite } from '../../../src/database/open-sqlite.ts'
import type { Tables } from '../../../src/database/tables.ts'
import { openDatabase } from '../../support/database.ts'

for (const engine of ['sqlite', 'postgres'] as const) {
  t.test(
    `accounts that look the same keep their names, and no new one joins them [${engine}]`,
    async (t) => {
      const db = await open(t, engine)
      t.teardown(() => db.destroy())
      await undo(db)
      const others = Array.from({ length: 1_200 }, (_, i) => `user-${i}`)
      const names = ['tom', 'torn', 'paypa1', 'paypal', 'pаypаl', ...others]
      for (const [i, username] of names.entries()) {
        await sql`insert into users (id, handle, username, password_hash, credential_epoch, epoch, roles, created_at)
        values (${`id${i}`}, ${`handle${i}`}, ${username}, 'hash', 0, 0, '[]', ${10 - (i % 2)})`.execute(
          db,
        )
      }
      await migrate(db as unknown as Kysely<never>)

      const rows = await db.selectFrom('users').select(['username', 'skeleton']).execute()
      const skeletons = new Map(rows.map(({ username, skeleton }) => [username, skeleton]))
      t.equal(skeletons.get('torn'), 'torn', 'the oldest has it')
      t.equal(skeletons.get('tom'), null)
      t.equal(skeletons.get('paypal'), 'paypal')
      for (const name of ['paypa1', 'pаypаl']) t.equal(skeletons.get(name), null)
      for (const name of others) t.equal(skeletons.get(name), skeletonOf(name))

      const accounts = sqlAccounts(db)
      for (const username of names.slice(0, 5))
        t.match(await accounts.findByUsername(username), { username })
      const taken = { code: 'username_taken' }
      for (const username of ['ɑ', ...names.slice(0, 5), 'pαypal']) {
        const wish = {
          id: username,
          handle: username,
          username,
          passwordHash: 'x',
          roles: [],
          createdAt: 1,
        }
        if (username === 'ɑ') await accounts.create(wish)
        else await t.rejects(accounts.create(wish), taken, username)
      }
    },
  )
}

async function open(t: Test, engine: 'sqlite' | 'postgres'): Promise<Kysely<Tables>> {
  if (engine === 'sqlite') return (await openSqlite(':memory:')).db
  const { db } = await openPostgres(await openDatabase(t), () => {})
  return db
}

/** As the tables were before. */
async function undo(db: Kysely<Tables>): Promise<void> {
  await db.schema.dropIndex('users_skeleton').execute()
  await db.schema.alterTable('users').dropColumn('skeleton').execute()
  await sql`delete from kysely_migration where name >= '003'`.execute(db)
}
