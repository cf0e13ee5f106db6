import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { redisRegister } from '../../src/registers/redis.ts'
import { STALENESS, trackedRegister } from '../../src/registers/tracked.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

const LATER = Date.now() + 60_000

/** A register with copies, and another instance that changes things; its clock goes on when it is told to. */
async function open(t: Test, server: TestRedis) {
  const redis = new Redis(server.url, { maxRetriesPerRequest: 0, retryStrategy: () => 20 })
  redis.on('error', () => {})
  await redis.ping().catch(() => {})
  const failures: unknown[] = []
  let ahead = 0
  const register = trackedRegister(
    redis,
    (error) => failures.push(error),
    () => performance.now() + ahead,
  )
  t.teardown(async () => {
    await register.close()
    redis.disconnect()
  })
  return {
    register,
    failures,
    pass: (ms: number) => {
      ahead += ms
    },
    /** Reads until there is a copy, which takes until the changes are known to be told. */
    keep: async (handle: string) => {
      await until(async () => {
        await register.read(handle)
        return register.recall(handle) !== null
      })
    },
  }
}

async function scene(t: Test) {
  const server = await startRedis(['--enable-debug-command', 'local'])
  t.teardown(() => server.stop())
  const here = await open(t, server)
  const others = new Redis(server.url)
  others.on('error', () => {})
  t.teardown(() => others.disconnect())
  const other = redisRegister(others)
  const handle = randomBytes(9).toString('base64url')
  await others.ping()
  await other.swap(handle, null, 'first', LATER)
  await here.keep(handle)
  return { ...here, server, other, handle }
}

t.test('a copy is what was read, until it changes elsewhere', async (t) => {
  const { register, other, handle } = await scene(t)
  t.match(register.recall(handle), { text: 'first' })
  t.equal(register.recall('never-read'), null)
  await other.swap(handle, 'first', 'second', LATER)
  await until(() => register.recall(handle) === null)
  t.match(await register.read(handle), { text: 'second' })
  t.match(register.recall(handle), { text: 'second' })
})

t.test('a copy of what was deleted, evicted or flushed is none', async (t) => {
  const { register, server, keep, handle } = await scene(t)
  await server.client.del(`oneseat:${handle}`)
  await until(() => register.recall(handle) === null)
  await keep(handle)
  t.match(register.recall(handle), { text: null })
  await server.client.flushall()
  await until(() => register.recall(handle) === null)
})

t.test('no copy is given that may lack more than the bound allows', async (t) => {
  const { register, server, pass, handle } = await scene(t)
  server.pause()
  t.teardown(() => server.resume())
  pass(STALENESS + 1)
  t.equal(register.recall(handle), null, 'Redis stands still, and has not told how things are')
  server.resume()
  await until(() => register.recall(handle) !== null)
  t.match(register.recall(handle), { text: 'first' }, 'when it has, the copy is good again')
})

t.test('when a connection breaks all copies go, and later there are new ones', async (t) => {
  for (const type of ['pubsub', 'normal'] as const) {
    const { register, server, keep, handle } = await scene(t)
    await server.client.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')
    await until(() => register.recall(handle) === null)
    await until(async () => (await register.read(handle).catch(() => null))?.text === 'first')
    await keep(handle)
    t.match(register.recall(handle), { text: 'first' })
  }
})

t.test('a server that is no master any more is not believed', async (t) => {
  const { register, server, handle } = await scene(t)
  await server.client.replicaof('127.0.0.1', 1)
  await t.rejects(register.read(handle), { code: 'store_unavailable' })
  await until(() => Number(register.copyCounts().age) > 3 * STALENESS) // asked again and again, it shows nothing
  t.equal(register.recall(handle), null)
})

t.test('a history that has changed its name leaves no copy', async (t) => {
  const { register, server, handle } = await scene(t)
  await server.client.call('DEBUG', 'CHANGE-REPL-ID')
  await until(() => register.recall(handle) === null)
})

t.test('where Redis does not tell of changes there are no copies, and that is said', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  await server.client.acl('SETUSER', 'default', '-client|tracking')
  const { register, failures } = await open(t, server)
  await until(() => failures.length > 0)
  t.match(failures[0], { message: /NOPERM/ })
  t.match(await register.read('ann'), { text: null })
  t.equal(register.recall('ann'), null)
  t.match(register.copyCounts(), { hits: 0, age: null, entries: 0 })
})

t.test('what time it is in Redis it learns from whichever connection asks first', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  await server.kill()
  const { register } = await open(t, server)
  await t.rejects(register.read('ann'), { code: 'store_unavailable' })
  t.throws(() => register.now(), { code: 'store_unavailable' })
  await server.start()
  await until(() => register.copyCounts().age !== null) // from here on all reads go over the connection that is watched
  t.ok(Math.abs(register.now() - Date.now()) < 10_000)
})

t.test('how it goes is counted', async (t) => {
  const { register, handle } = await scene(t)
  const before = register.copyCounts()
  register.recall(handle)
  register.recall('never-read')
  const { hits, misses, entries, age } = register.copyCounts()
  t.equal(hits, before.hits + 1)
  t.equal(misses, before.misses + 1)
  t.ok(entries >= 1)
  t.ok(age !== null && age < 5_000)
})
