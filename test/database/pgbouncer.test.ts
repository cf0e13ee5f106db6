import pg from 'pg'
import t from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { Browser, PASSWORD } from '../support/browser.ts'
import { startPgBouncer } from '../support/pgbouncer.ts'
import { startPostgres } from '../support/postgres.ts'
import { startInstance } from '../support/process.ts'
import { CHEAP_HASHES, SECRET } from '../support/service.ts'

const SETTINGS = {
  'as it is installed': [],
  'told to ignore what we ask': [
    'ignore_startup_parameters = extra_float_digits, statement_timeout, lock_timeout, idle_in_transaction_session_timeout',
  ],
}

for (const [how, settings] of Object.entries(SETTINGS)) {
  t.test(`several instances behind PgBouncer in transaction mode, ${how}`, async (t) => {
    const server = await startPostgres()
    t.teardown(() => server.stop())
    const bouncer = await startPgBouncer(server, settings)
    t.teardown(() => bouncer.stop())
    const env = { ...CHEAP_HASHES, DATABASE_URL: bouncer.url, SESSION_SECRET: SECRET }
    const instances = await Promise.all([1, 2, 3].map(() => startInstance(env)))
    t.teardown(() => Promise.all(instances.map((instance) => instance.stop())))
    const [first, ...others] = instances.map(({ url }) => url)

    for (const { logs } of instances)
      t.equal(logs.filter(({ msg }) => /^DATABASE_URL: .*no limits/.test(String(msg))).length, 1)
    for (let i = 0; i < 4; i++)
      await new Browser(first ?? '').post('/register', { username: `user-${i}`, password: PASSWORD })
    await Promise.all(
      [0, 1, 2, 3].map(async (i) => {
        const one = new Browser(first ?? '')
        t.equal((await one.login(`user-${i}`)).status, 200)
        const other = new Browser(others[i % 2] ?? '')
        for (let wrong = 0; wrong < 3; wrong++) await other.login(`user-${i}`, { password: 'wrong' })
        t.equal((await other.login(`user-${i}`)).status, 200)
        t.equal((await one.get('/me')).body.code, 'session_replaced')
        t.equal((await other.get('/me/timeline')).status, 200)
      }),
    )
    for (const { logs, url } of instances) {
      t.equal((await new Browser(url).get('/health/ready')).status, 200)
      t.strictSame(
        logs.filter(
          ({ level, event, reason }) =>
            Number(level) >= 40 && event !== 'weak_setting' && reason !== SLOW,
        ),
        [],
      )
    }
  })
}

/** A busy machine: nothing to do with PgBouncer. */
const SLOW = 'the counters do not answer'

t.test('no lock and no setting stays in a connection of the server', async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.stop())
  const bouncer = await startPgBouncer(server)
  t.teardown(() => bouncer.stop())
  const { db, pool } = await openPostgres(bouncer.url, () => {})
  t.teardown(() => db.close())
  const { rows } = await pool.query(
    "SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory'",
  )
  t.strictSame(rows, [{ held: 0 }])
  const settings = await Promise.all(
    Array.from({ length: 6 }, () => pool.query("SELECT current_setting('statement_timeout') AS it")),
  )
  for (const { rows } of settings) t.strictSame(rows, [{ it: '0' }])
})

t.test('nor after a start that failed', async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.stop())
  const bouncer = await startPgBouncer(server)
  t.teardown(() => bouncer.stop())
  const pool = new pg.Pool({ connectionString: bouncer.url })
  t.teardown(() => pool.end())
  await pool.query('CREATE TABLE oneseat_timeline (of integer)') // the name that a migration needs
  for (let i = 0; i < 2; i++)
    await t.rejects(
      openPostgres(bouncer.url, () => {}),
      /timeline/,
    )
  const { rows } = await pool.query(
    "SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory'",
  )
  t.strictSame(rows, [{ held: 0 }])
  await pool.query('DROP TABLE oneseat_timeline')
  const { db } = await openPostgres(bouncer.url, () => {})
  await db.close()
})

t.test('without a pooler the server itself gives up what takes too long', async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.stop())
  const { db, pool, givesUp } = await openPostgres(server.url, () => {})
  t.teardown(() => db.close())
  t.ok(givesUp)
  await t.rejects(pool.query('SELECT pg_sleep(5)'), { constructor: pg.DatabaseError, code: '57014' })
})
