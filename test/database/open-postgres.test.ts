import t from 'tap'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { startPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'

t.test('PostgreSQL', async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.stop())
  const lost: Error[] = []
  const open = () => openPostgres(server.url, (error) => lost.push(error))

  await t.test('three instances that start together bring the tables up to date once', async (t) => {
    const stores = await Promise.all([open(), open(), open()])
    for (const { db } of stores) t.same(await sqlAccounts(db).list({ after: '', limit: 1 }), [])
    for (const { db } of stores) await db.destroy()
  })

  const { db, pool } = await open()
  t.teardown(() => db.destroy())
  const accounts = sqlAccounts(db)
  const ann = await accounts.create({
    id: 'u1',
    handle: 'h1',
    username: 'ann',
    passwordHash: 'x',
    roles: [],
    createdAt: 1_800_000_000_000,
  })

  await t.test('times and login numbers are numbers', async (t) => {
    t.match(await accounts.raise(ann.id, 41), { epoch: 42, createdAt: 1_800_000_000_000 })
  })

  await t.test('connections that are lost while idle are replaced, and the process lives', async (t) => {
    await Promise.all([1, 2, 3].map(() => accounts.ping()))
    await pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
    )
    await until(() => lost.length > 0)
    await accounts.ping()
    t.match(await accounts.findByUsername('ann'), { epoch: 42 })
  })

  await t.test(
    'a server that is silent is given up soon, and served again when it speaks',
    async (t) => {
      server.pause()
      const start = performance.now()
      await t.rejects(accounts.findByUsername('ann'), { code: 'store_unavailable' })
      t.ok(performance.now() - start < 3_500)
      server.resume()
      await until(() =>
        accounts.ping().then(
          () => true,
          () => false,
        ),
      )
      t.match(await accounts.findByUsername('ann'), { epoch: 42 })
    },
  )

  await t.test('what was committed is there after a crash', async (t) => {
    await accounts.raise(ann.id, 0)
    await server.kill()
    await t.rejects(accounts.ping(), { code: 'store_unavailable' })
    await server.start()
    await until(() =>
      accounts.ping().then(
        () => true,
        () => false,
      ),
    )
    t.match(await accounts.findByUsername('ann'), { epoch: 43 })
  })

  await t.test('a database that is not there stops the start', async (t) => {
    const nowhere = server.url.replace('/postgres', '/nowhere')
    await t.rejects(
      openPostgres(nowhere, () => {}),
      { code: 'store_unavailable', cause: /nowhere/ },
    )
  })
})
