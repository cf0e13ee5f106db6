import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import t, { type Test } from 'tap'
import * as core from '../../src/stores/core.ts'
import { openDatabase } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'

// The door `oneseat/core`, as a program without Fastify uses it.

const SECRET = 'a secret of the tests that is long enough'
const LOGIN = {
  device: { name: 'phone', os: null, browser: null },
  ip: '203.0.113.7',
  presented: null,
  replace: null,
} as const

t.test('sessions in SQLite', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-core-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  await works(t, await core.sqliteStore(`file:${join(dir, 'seats.db')}`))
})

t.test('sessions in PostgreSQL, by its URL and by a pool', async (t) => {
  const url = await openDatabase(t)
  await works(t, await core.postgresStore(url))
  const pool = new pg.Pool({ connectionString: url })
  t.teardown(() => pool.end())
  await works(t, await core.postgresStore(pool, { tablePrefix: 'mine_' }))
  t.match((await pool.query('SELECT id FROM mine_users')).rows, [{ id: 'ann' }])
})

t.test('sessions in Redis, by its URL and by a client', async (t) => {
  const url = await openDatabase(t)
  const server = await startRedis()
  const client = new Redis(server.url)
  t.teardown(async () => {
    client.disconnect()
    await server.stop()
  })
  await works(t, await core.redisStore(server.url, url))
  await works(t, await core.redisStore(client, url, { tablePrefix: 'mine_', keyPrefix: 'mine:' }))
  t.match(await client.keys('mine:*'), [/^mine:/], 'the client that was given is not closed')
})

t.test('without Redis from now on, nothing in Redis is believed any more', async (t) => {
  const url = await openDatabase(t)
  const server = await startRedis()
  t.teardown(() => server.stop())
  await works(t, await core.redisStore(server.url, url))
  const stores = await core.postgresStore(url)
  t.teardown(() => stores.close())
  t.strictSame(await stores.numbers.histories.list(), [])
})

t.test('a database that takes no writes for now is no obstacle to a start', async (t) => {
  const url = await openDatabase(t)
  await works(t, await core.postgresStore(url))
  const options = encodeURIComponent('-c default_transaction_read_only=on')
  const stores = await core.postgresStore(`${url}${url.includes('?') ? '&' : '?'}options=${options}`)
  t.teardown(() => stores.close())
  t.match(await stores.numbers.numbers.find({ id: 'ann' }), { id: 'ann' })
})

t.test('what cannot be used is said at once', async (t) => {
  await t.rejects(core.redisStore('no URL', 'file::memory:'), { message: /option redis/ })
  const stores = await core.sqliteStore('file::memory:')
  t.teardown(() => stores.close())
  t.throws(() => core.createSessions({ ...stores, secrets: ['short'] }), { message: /option secrets/ })
})

async function works(t: Test, stores: core.SqlStore): Promise<void> {
  const sessions = core.createSessions({ ...stores, secrets: [SECRET] })
  const signIn = async () => {
    const claimed = await sessions.claim({ userId: 'ann', ...LOGIN })
    if (claimed.kind === 'full') throw new Error('there is a place')
    return claimed
  }
  const [laptop, phone] = [await signIn(), await signIn()]
  t.match(await sessions.find(laptop.token), { state: 'ended', ended: { reason: 'session_replaced' } })
  t.match(await sessions.find(phone.token), { state: 'live', user: { id: 'ann' } })
  await stores.close()
}
