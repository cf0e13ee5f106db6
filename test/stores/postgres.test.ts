import t from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { postgresStore } from '../../src/stores/postgres.ts'
import { startPostgres } from '../support/postgres.ts'
import { restartAsStandby } from '../support/standby.ts'
import { until } from '../support/until.ts'

t.test('PostgreSQL as a store', async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.stop())
  const { db, pool } = await openPostgres(server.url, () => {})
  t.teardown(() => db.close())

  const store = await postgresStore(pool)
  const later = () => store.now() + 60_000

  await t.test('of many swaps from the same value one is done', async (t) => {
    for (const expected of [null, 'first'] as const) {
      const next = (i: number) => (expected === null ? 'first' : `second ${i}`)
      const from = { ...(await store.read('h')), text: expected }
      const swaps = Array.from({ length: 20 }, (_, i) => store.swap('h', from, next(i), later()))
      t.equal((await Promise.all(swaps)).filter(Boolean).length, 1)
    }
    t.match((await store.read('h')).text, /^second \d+$/)
  })

  await t.test('the clock is the database’s, and never ahead of it', async (t) => {
    const [row] = (await pool.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now')).rows
    await store.read('h')
    const mine = store.now()
    const [after] = (await pool.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now')).rows
    t.ok(Number(row.now) - 1 <= mine && mine <= Number(after.now))
  })

  await t.test('a record that nobody will ask for is forgotten at the next start', async (t) => {
    const rows = async () =>
      (await pool.query('SELECT count(*)::int FROM oneseat_sessions')).rows[0].count
    const before = await rows()
    await pool.query(
      `INSERT INTO oneseat_sessions SELECT 'old ' || n, 'x', 0 FROM generate_series(1, 2500) AS n`,
    )
    const again = await postgresStore(pool) // a piece at a time: no statement may take long
    await until(async () => (await rows()) === before)
    t.equal((await store.read('old 1')).text, null)
    await again.close()
  })

  await t.test('under another prefix it has tables of its own', async (t) => {
    const other = await openPostgres(server.url, () => {}, { prefix: 'a"b_', service: false })
    t.teardown(() => other.db.close())
    const apart = await postgresStore(other.pool, 'a"b_sessions')
    t.equal((await apart.read('h')).text, null)
    t.equal(await apart.swap('h', await apart.read('h'), 'apart', later()), true)
    t.equal((await apart.read('h')).text, 'apart')
    t.match((await store.read('h')).text, /^second/)
    await apart.ping()
    await apart.close()
  })

  await t.test('a standby is not asked, because what it says may be old', async (t) => {
    await restartAsStandby(server, pool)
    await t.rejects(store.read('h'), { code: 'store_unavailable', cause: /standby/ })
  })
})
