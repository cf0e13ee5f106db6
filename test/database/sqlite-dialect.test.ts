import Database from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import t, { type Test } from 'tap'
import { SharedSqliteDialect } from '../../src/database/sqlite-dialect.ts'

type Tables = { things: { id: number } }

function open(t: Test) {
  const file = new Database(':memory:', { timeout: 0 })
  file.exec('CREATE TABLE things (id INTEGER PRIMARY KEY)')
  const db = new Kysely<Tables>({ dialect: new SharedSqliteDialect(file) })
  t.teardown(() => db.destroy())
  const ids = async () => (await db.selectFrom('things').selectAll().execute()).map(({ id }) => id)
  const add = (id: number, by: Pick<Kysely<Tables>, 'insertInto'> = db) =>
    by.insertInto('things').values({ id }).execute()
  return { file, db, ids, add }
}

t.test('what is not of a transaction waits for its end', async (t) => {
  const { db, ids, add } = open(t)
  const within = Promise.withResolvers<void>()
  const fails = db.transaction().execute(async (transaction) => {
    await add(1, transaction)
    await within.promise
    throw new Error('no')
  })
  const other = add(2)
  const second = db.transaction().execute((transaction) => add(3, transaction))
  await new Promise((done) => setTimeout(done, 10))
  within.resolve()
  await t.rejects(fails, /no/)
  await Promise.all([other, second])
  t.strictSame(await ids(), [2, 3], 'nothing of theirs was undone with it')
})

t.test(
  'a transaction takes the lock when it begins, and what cannot begin holds nobody up',
  async (t) => {
    const { file, db, ids, add } = open(t)
    file.exec('BEGIN') // of somebody else on the same connection
    await t.rejects(
      db.transaction().execute((transaction) => add(1, transaction)),
      /within a transaction/,
    )
    file.exec('COMMIT')
    await db.transaction().execute(async (transaction) => {
      t.ok(file.inTransaction)
      await add(1, transaction)
    })
    t.strictSame(await ids(), [1])
  },
)

t.test('a transaction that cannot be committed is undone', async (t) => {
  const { file, db, ids, add } = open(t)
  file.pragma('foreign_keys = ON')
  file.exec('CREATE TABLE parts (of INTEGER REFERENCES things (id) DEFERRABLE INITIALLY DEFERRED)')
  const orphan = db
    .transaction()
    .execute((transaction) => sql`INSERT INTO parts VALUES (9)`.execute(transaction))
  await t.rejects(orphan, /FOREIGN KEY/)
  t.notOk(file.inTransaction)
  await add(1)
  t.strictSame(await ids(), [1])
})

t.test('savepoints and streams are as they were', async (t) => {
  const { db, ids, add } = open(t)
  const transaction = await db.startTransaction().execute()
  await add(1, transaction)
  const inner = await transaction.savepoint('inner').execute()
  await add(2, inner)
  await inner.rollbackToSavepoint('inner').execute()
  await transaction.commit().execute()
  t.strictSame(await ids(), [1])
  for await (const row of db.selectFrom('things').selectAll().stream()) t.strictSame(row, { id: 1 })
})
