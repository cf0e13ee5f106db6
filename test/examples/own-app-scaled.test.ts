import pg from 'pg'
import t from 'tap'
import { Browser } from '../support/browser.ts'
import { openDatabase } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'
import { startExample } from './start-example.ts'

t.test('two instances on PostgreSQL and Redis keep each user on one device', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const env = {
    DATABASE_URL: await openDatabase(t),
    REDIS_URL: redis.url,
    SESSION_SECRET: 'a secret of the tests that is long enough',
  }
  const [here, there] = [
    await startExample(t, 'own-app-scaled/app.js', env),
    await startExample(t, 'own-app-scaled/app.js', env),
  ]
  const client = new pg.Client(env.DATABASE_URL)
  await client.connect()
  await client.query("INSERT INTO users VALUES ('ann', '{}'), ('root', '{admin}')")
  await client.end()

  t.match(await new Browser(here).post('/login', { id: 'nobody' }), { status: 401 })
  const laptop = new Browser(here)
  await laptop.post('/login', { id: 'ann', device: 'laptop' })
  t.match(await laptop.copy(there).get('/me'), { status: 200, body: { user: { id: 'ann' } } })

  const stream = await fetch(`${here}/me/events`, { headers: { cookie: laptop.cookie } })
  const phone = new Browser(there)
  t.match(await phone.post('/login', { id: 'ann', device: 'phone' }), { status: 200 })
  t.match(await stream.text(), /session_replaced.*"name":"phone"/, 'told at once, by the other instance')
  for (const url of [here, there]) {
    t.match(await laptop.copy(url).get('/me'), { status: 401, body: { code: 'session_replaced' } })
    t.match(await phone.copy(url).get('/me'), { status: 200 })
  }

  for (const url of [here, there, here]) await new Browser(url).post('/login', { id: 'root' })
  const root = new Browser(there)
  await root.post('/login', { id: 'root' })
  t.equal((await root.get('/me/sessions')).body.sessions.length, 2, 'administrators have two seats')
})
