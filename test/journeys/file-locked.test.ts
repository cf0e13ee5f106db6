import Database from 'better-sqlite3'
import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { sharedStores } from '../support/stores.ts'

t.test(
  'while another process has the file locked, what does not write goes on at once, and what does waits',
  async (t) => {
    const env = await sharedStores(t, 'sqlite')
    const instance = await startInstance(env)
    t.teardown(() => instance.stop())
    const [ann, bob, stranger] = [
      new Browser(instance.url),
      new Browser(instance.url),
      new Browser(instance.url),
    ]
    for (const [browser, name] of [
      [ann, 'ann'],
      [bob, 'bob'],
    ] as const) {
      await browser.post('/register', { username: name, password: PASSWORD })
      await browser.login(name)
    }
    const other = new Database((env['DATABASE_URL'] ?? '').slice('file:'.length))
    t.teardown(() => other.close())

    other.exec('BEGIN IMMEDIATE')
    const writing = [
      new Browser(instance.url).login('ann'),
      bob.post('/logout'),
      stranger.post('/register', { username: 'cy', password: PASSWORD }),
    ]
    let ended = 0
    for (const write of writing) void write.then(() => ended++)
    const until = performance.now() + 500
    let slowest = 0
    while (performance.now() < until) {
      const asked = performance.now()
      t.equal((await stranger.get('/health/live')).status, 200)
      slowest = Math.max(slowest, performance.now() - asked)
      t.equal((await ann.get('/me')).status, 200, 'a check')
    }
    t.ok(slowest < 400, `${slowest} ms`)
    t.equal(ended, 0)
    other.exec('COMMIT')
    t.strictSame(
      (await Promise.all(writing)).map(({ status }) => status),
      [200, 204, 201],
    )

    other.exec('BEGIN IMMEDIATE')
    const asked = performance.now()
    t.match(await new Browser(instance.url).login('ann'), {
      status: 503,
      body: { code: 'store_unavailable' },
    })
    t.ok(performance.now() - asked < 4_000)
    other.exec('COMMIT')
    t.equal((await new Browser(instance.url).login('ann')).status, 200)
  },
)
