import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import pg from 'pg'
import t, { type Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { all, type Sql } from '../../src/database/sql.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { accountsIn } from '../support/accounts.ts'
import { openDatabase } from '../support/database.ts'
import { startPostgres } from '../support/postgres.ts'
import { restartAsStandby } from '../support/standby.ts'
import { until } from '../support/until.ts'
import { changesContract } from './numbers/changes.ts'
import { historiesContract } from './numbers/histories.ts'
import { loginNumbersContract } from './numbers/login-numbers.ts'
import { instanceOn, LOGIN, newUser, OF_NO_HISTORY, type TwoInstances } from './numbers/two-instances.ts'

t.test('SQLite', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-numbers-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  contracts(t, await twice(t, async () => (await openSqlite(join(dir, 'oneseat.db'))).db))
})

t.test('PostgreSQL', async (t) => {
  const url = await openDatabase(t)
  const instances = await twice(t, async () => (await openPostgres(url, () => {})).db)
  contracts(t, instances)

  t.test('a history that a number is being raised under goes out of use after that', async (t) => {
    const { here, there } = instances
    const { handle } = await newUser(here)
    const stamp = await here.histories.open('held', '', false)
    const gate = new pg.Client(url)
    await gate.connect()
    t.teardown(() => gate.end())
    await gate.query('SELECT pg_advisory_lock(1)')
    const raising = here.db.transaction(function* () {
      const under = { history: 'held', stamp }
      const raised = yield* here.parts.raise(handle, { ...LOGIN, under })
      yield* all(queriesFor(here.db).selectNoFrom(sql`pg_advisory_xact_lock(1)::text`.as('held')))
      return raised
    })
    await until(async () => (await waiting(gate)) === 1)
    let opened = false
    const opening = there.histories.open('newer', 'held', false).then(() => {
      opened = true
      return there.numbers.find({ handle })
    })
    await until(async () => (await waiting(gate)) === 2)
    t.notOk(opened)
    await gate.query('SELECT pg_advisory_unlock(1)')
    t.match(await raising, { number: 1 })
    t.match(await opening, { number: 1 }, 'and whoever took the other into use sees the number')
  })
})

t.test('under another prefix there are other users, changes and histories', async (t) => {
  const databases = [
    await openSqlite(':memory:', { prefix: 'two"_', service: false }),
    await openPostgres(await openDatabase(t), () => {}, { prefix: 'two"_', service: false }),
  ]
  for (const { db } of databases) {
    t.teardown(() => db.close())
    const apart = instanceOn(db, 'two"_')
    const { id, handle } = await newUser(apart)
    t.match(await apart.numbers.raise(handle, LOGIN), { number: 1 })
    t.equal((await apart.changes.openOf(id)).length, 1)
    t.equal((await apart.changes.openFor(-1_000, 9)).length, 1)
    await apart.histories.open('a', '', true)
    t.equal((await apart.histories.list()).length, 1)
    await t.rejects(
      instanceOn(db).numbers.find({ id }),
      { code: 'store_unavailable' },
      'of no such table',
    )
  }
})

t.test('a standby is not asked, because it may lag', async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.stop())
  const { db, pool } = await openPostgres(server.url, () => {})
  t.teardown(() => db.close())
  const instance = instanceOn(db)
  const { id, handle } = await newUser(instance)
  await instance.histories.open('a', '', false)
  const { accounts, timeline } = accountsIn(db)
  t.teardown(() => timeline.close())
  await restartAsStandby(server, pool)
  const standby = { code: 'store_unavailable', cause: /standby/ }
  await t.rejects(instance.numbers.find({ handle }), standby)
  await t.rejects(instance.numbers.find({ id, create: 'x' }), standby)
  await t.rejects(instance.histories.list(), standby)
  const readOnly = { code: 'store_unavailable', cause: /read-only|recovery/ }
  await t.rejects(accounts.ping(), readOnly)
  await t.rejects(instance.histories.open('b', 'a', false), readOnly)
  await t.rejects(instance.numbers.raise(handle, OF_NO_HISTORY), readOnly)
})

function contracts(t: Test, instances: TwoInstances): void {
  t.test('LoginNumbers', async (t) => loginNumbersContract(t, instances))
  t.test('Changes', async (t) => changesContract(t, instances))
  t.test('Histories', async (t) => historiesContract(t, instances))
}

async function twice(t: Test, open: () => Promise<Sql>): Promise<TwoInstances> {
  const [here, there] = [await open(), await open()]
  t.teardown(() => Promise.all([here.close(), there.close()]))
  return { here: instanceOn(here), there: instanceOn(there) }
}

/** How many statements wait for a lock in this database. */
async function waiting(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  return rows[0].count
}
