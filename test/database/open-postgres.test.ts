import t from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { postgresStore } from '../../src/stores/postgres.ts'
import { accountsIn, RAISE } from '../support/accounts.ts'
import { startPostgres } from '../support/postgres.ts'
import { REGISTERED } from '../support/service.ts'
import { isReady, until } from '../support/until.ts'

t.test('PostgreSQL', async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.stop())
  const lost: Error[] = []
  const open = () => openPostgres(server.url, (error) => lost.push(error))

  await t.test('three instances that start together bring the tables up to date once', async (t) => {
    const stores = await Promise.all([open(), open(), open()])
    for (const { db, pool } of stores) {
      const { accounts, close } = accountsIn(db)
      t.same(await accounts.list({ after: '', limit: 1 }), [])
      t.equal((await (await postgresStore(pool)).read('h')).text, null)
      await close()
    }
  })

  const { db, pool } = await open()
  const { accounts, numbers, close } = accountsIn(db)
  t.teardown(close)
  const ann = {
    ...{ id: 'u1', handle: 'h1', username: 'ann', passwordHash: 'x', roles: [] },
    createdAt: 1_800_000_000_000,
  }
  await accounts.create(ann, REGISTERED)

  await t.test('times and login numbers are numbers', async (t) => {
    t.match(await numbers.raise(ann.handle, { ...RAISE, above: 41 }), { number: 42 })
    t.match(await accounts.findById(ann.id), { createdAt: 1_800_000_000_000 })
  })

  await t.test('what keeps the tables from being made is told', async (t) => {
    await pool.query('CREATE ROLE plain LOGIN')
    await pool.query('CREATE DATABASE of_others')
    const url = new URL(server.url)
    Object.assign(url, { username: 'plain', pathname: '/of_others' })
    await t.rejects(
      openPostgres(url.href, () => {}),
      { message: /^permission denied for schema public/ },
    )
  })

  await t.test('a database that prefers a stricter isolation refuses nobody', async (t) => {
    for (const level of ['serializable', 'repeatable read'])
      await t.test(level, async (t) => {
        await pool.query(`CREATE DATABASE "${level}"`)
        await pool.query(`ALTER DATABASE "${level}" SET default_transaction_isolation = '${level}'`)
        const url = new URL(server.url)
        url.pathname = encodeURIComponent(level)
        const strict = await openPostgres(url.href, () => {})
        const { accounts, numbers, close } = accountsIn(strict.db)
        t.teardown(close)
        await accounts.create(ann, REGISTERED)
        const many = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, work))
        t.equal((await many(() => numbers.raise(ann.handle, RAISE))).length, 20)
        const store = await postgresStore(strict.pool)
        for (const text of ['a', 'b', 'c']) {
          const from = await store.read('h')
          const swapped = await many(() => store.swap('h', from, text, store.now() + 60_000))
          t.equal(swapped.filter(Boolean).length, 1)
        }
        const count =
          "INSERT INTO oneseat_sessions VALUES ('n', '', 1) ON CONFLICT (handle) DO UPDATE SET keep_until = oneseat_sessions.keep_until + 1"
        await many(() => strict.counting.query(count))
        const { rows } = await strict.pool.query(
          "SELECT keep_until FROM oneseat_sessions WHERE handle = 'n'",
        )
        t.match(rows, [{ keep_until: '20' }])
      })
  })

  await t.test('connections that are lost while idle are replaced, and the process lives', async (t) => {
    await Promise.all([1, 2, 3].map(() => accounts.ping()))
    await pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
    )
    await until(() => lost.length > 0)
    await accounts.ping()
    t.match(await numbers.find({ handle: ann.handle }), { number: 42 })
  })

  await t.test(
    'a server that is silent is given up soon, and served again when it speaks',
    async (t) => {
      server.pause()
      const start = performance.now()
      await t.rejects(accounts.findByUsername('ann'), { code: 'store_unavailable' })
      t.ok(performance.now() - start < 3_500)
      server.resume()
      await until(() => isReady(accounts))
      t.match(await numbers.find({ handle: ann.handle }), { number: 42 })
    },
  )

  await t.test('what was committed is there after a crash', async (t) => {
    await numbers.raise(ann.handle, RAISE)
    await server.kill()
    await t.rejects(accounts.ping(), { code: 'store_unavailable' })
    await server.start()
    await until(() => isReady(accounts))
    t.match(await numbers.find({ handle: ann.handle }), { number: 43 })
  })

  await t.test('a database that is not there stops the start', async (t) => {
    const nowhere = server.url.replace('/postgres', '/nowhere')
    await t.rejects(
      openPostgres(nowhere, () => {}),
      { code: 'store_unavailable', cause: /nowhere/ },
    )
  })
})
