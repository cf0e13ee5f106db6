import { createServer, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Answer } from '../support/browser.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

// Redis gone, in every way it can go: nobody is let in, nobody is signed out, and it heals without anybody's help.

type Outage = { begin(redis: TestRedis): Promise<void>; end(redis: TestRedis): Promise<void> }

const OUTAGES: Record<string, () => Outage> = {
  'is killed': () => ({
    begin: (redis) => redis.kill(),
    end: (redis) => redis.start(),
  }),
  hangs: () => ({
    begin: async (redis) => redis.pause(),
    end: async (redis) => redis.resume(),
  }),
  'accepts connections and says nothing': () => {
    const silent = silentServer()
    return {
      async begin(redis) {
        await redis.kill()
        await silent.listen(redis.port)
      },
      async end(redis) {
        await silent.close()
        await redis.start()
      },
    }
  },
}

for (const [what, open] of Object.entries(OUTAGES)) {
  t.test(
    `P24: while Redis ${what}, guarded routes say 503, public ones work, and no cookie is lost`,
    async (t) => {
      const { service, redis } = await start(t)
      await service.register('ann')
      const browser = service.browser()
      await browser.login('ann')
      const outage = open()
      await outage.begin(redis)

      await Promise.all([
        unavailable(t, () => browser.get('/me'), 'a session'),
        unavailable(t, () => browser.post('/logout'), 'a logout'),
        unavailable(t, () => browser.login('ann'), 'a login over a session'),
        unavailable(t, () => service.browser().login('ann'), 'a login'),
        unavailable(t, () => service.browser().get('/health/ready'), 'readiness'),
      ])
      for (const path of ['/health/live', '/openapi.yaml'])
        t.equal((await browser.get(path)).status, 200, path)
      t.match(await service.browser().get('/me'), { status: 401, body: { code: 'unauthenticated' } })
      t.ok(browser.jar.has('oneseat'), 'the browser keeps its cookie')

      await outage.end(redis)
      await until(async () => (await browser.get('/health/ready')).status === 200)
      t.equal((await browser.get('/me')).status, 200, 'and is still signed in')
      t.equal((await service.browser().login('ann')).status, 200)
      t.match(await browser.get('/me'), { status: 401, body: { code: 'session_replaced' } })
    },
  )

  t.test(
    `P24: a service that starts while Redis ${what} serves what it can, and recovers`,
    async (t) => {
      const redis = await startDurableRedis(t)
      const outage = open()
      await outage.begin(redis)
      const started = performance.now()
      const { service } = await start(t, redis)
      t.ok(performance.now() - started < 3_000, 'it does not wait for Redis')
      await service.register('ann')
      t.equal((await service.browser().get('/health/live')).status, 200)
      await unavailable(t, () => service.browser().login('ann'), 'a login')
      await outage.end(redis)
      await until(async () => (await service.browser().login('ann')).status === 200)
    },
  )
}

t.test(
  'P24: logins that come while Redis hangs are refused in time, one by one and at once',
  async (t) => {
    const { service, redis } = await start(t)
    await service.register('ann')
    redis.pause()
    for (let round = 0; round < 4; round++) {
      const names = ['ann', ...Array.from({ length: 20 }, (_, i) => `user${round}-${i}`)]
      const answers = names.map(async (name) => {
        const asked = performance.now()
        const { status } = await service.browser().login(name)
        return { name, status, took: Math.round(performance.now() - asked) }
      })
      for (const { name, status, took } of await Promise.all(answers)) {
        t.equal(status, name === 'ann' ? 503 : 401)
        t.ok(took < 2_000, `${name} is answered after ${took} ms`)
      }
    }
    redis.resume()
    await until(async () => (await service.browser().login('ann')).status === 200)
  },
)

t.test(
  'P24: a service that Redis refuses keeps asking, and is let in when its password is right',
  async (t) => {
    const redis = await startRedis()
    t.teardown(() => redis.stop())
    await redis.client.config('SET', 'requirepass', 'another')
    const REDIS_URL = redis.url.replace('redis://', 'redis://:mine@')
    const service = await startService(t, 'sqlite', { env: { REDIS_URL } })
    await service.register('ann')
    await unavailable(t, () => service.browser().login('ann'), 'a login')
    await redis.client.config('SET', 'requirepass', 'mine')
    await until(async () => (await service.browser().login('ann')).status === 200)
  },
)

t.test('P24: a service that stops while Redis is away stops as it should', async (t) => {
  const redis = await startDurableRedis(t)
  await redis.kill()
  const { service } = await start(t, redis)
  await t.resolves(service.app.close())
})

async function unavailable(t: Test, ask: () => Promise<Answer>, what: string): Promise<void> {
  const asked = performance.now()
  const { status, body, headers, setCookies } = await ask()
  const took = performance.now() - asked
  t.strictSame(
    [status, body.code, headers.get('retry-after'), setCookies],
    [503, 'store_unavailable', '1', []],
    what,
  )
  t.ok(took < 2_000, `${what} is answered after ${Math.round(took)} ms`)
}

async function startDurableRedis(t: Test): Promise<TestRedis> {
  const redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  t.teardown(() => redis.stop())
  return redis
}

async function start(t: Test, redis?: TestRedis): Promise<{ service: Service; redis: TestRedis }> {
  const used = redis ?? (await startDurableRedis(t))
  const service = await startService(t, 'sqlite', { env: { REDIS_URL: used.url } })
  return { service, redis: used }
}

/** A TCP server that takes what it gets and never answers. */
function silentServer() {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.resume()
  })
  return {
    listen: (port: number) => new Promise<void>((done) => server.listen(port, '127.0.0.1', done)),
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
