import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { redisStore } from '../../src/stores/redis.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

t.test('a master that was demoted under our connection lets no replaced session in', async (t) => {
  const service = await startService(t, 'redis')
  await service.register('ann')
  const laptop = service.browser()
  const phone = service.browser()
  await laptop.login('ann')
  t.equal((await laptop.get('/me')).status, 200)

  const { client: first, port } = service.redis as TestRedis
  await first.config('SET', 'repl-diskless-sync-delay', '0')
  const other = await startRedis(['--replicaof', '127.0.0.1', String(port)])
  t.teardown(() => other.stop())
  await until(async () => /master_link_status:up/.test(await other.client.info('replication')))
  await other.client.replicaof('NO', 'ONE')

  t.equal((await phone.login('ann')).status, 200) // a write that the promoted replica never gets
  await other.client.config('SET', 'repl-diskless-sync-delay', '0')
  await first.replicaof('127.0.0.1', other.port)
  await until(async () => /master_link_status:up/.test(await first.info('replication')))
  t.equal((await laptop.get('/me')).status, 503, 'a replica is not asked')

  await first.replicaof('NO', 'ONE')
  let answer = await laptop.get('/me')
  await until(async () => {
    answer = await laptop.get('/me')
    return answer.status !== 503
  })
  t.match(answer.body, { status: 401, code: 'session_lost' }, 'by whom it was replaced is lost')
})

t.test(
  'after a restart, sessions that the data still has go on, and older data lets nobody in',
  async (t) => {
    const service = await startService(t, 'redis')
    const redis = service.redis as TestRedis
    await service.register('ann')
    await service.register('bob')
    const [ann, laptop, phone] = [service.browser(), service.browser(), service.browser()]
    await ann.login('ann')
    await laptop.login('bob')
    await redis.client.save()
    await phone.login('bob') // is not in what was saved
    await redis.kill()
    t.equal((await ann.get('/me')).status, 503)
    await redis.start()
    await until(async () => (await ann.get('/me')).status !== 503)
    t.equal((await ann.get('/me')).status, 200)
    t.match((await laptop.get('/me')).body, { code: 'session_lost' })
    t.match((await phone.get('/me')).body, { code: 'unauthenticated' }, 'lost, which is allowed')
  },
)

t.test(
  'split brain: a master that lost its replicas is believed no longer than it may take writes',
  async (t) => {
    const { service, master, replica } = await startPair(t)
    await master.config('SET', 'min-replicas-to-write', '1')
    await master.config('SET', 'min-replicas-max-lag', '1')
    await service.register('ann')
    const laptop = service.browser()
    await until(async () => (await laptop.login('ann')).status === 200)

    replica.pause() // as if the network between them were cut: the other side may have promoted it by now
    const cut = performance.now()
    await until(async () => (await laptop.get('/me')).status === 503)
    t.ok(
      performance.now() - cut < 6_000,
      'the lag it may have, time to notice, and room for a busy machine',
    )
    t.equal((await service.browser().login('ann')).status, 503)
    t.equal((await laptop.post('/logout')).status, 503)

    replica.resume()
    await until(async () => (await laptop.get('/me')).status === 200)
  },
)

t.test(
  'split brain: where only writes are refused, a session is believed until its next touch',
  async (t) => {
    const { service, master } = await startPair(t)
    await service.register('ann')
    const laptop = service.browser()
    await laptop.login('ann')
    await master.config('SET', 'min-replicas-to-write', '2') // one is there
    t.equal((await laptop.get('/me')).status, 200)
    service.advance(60_000)
    t.equal((await laptop.get('/me')).status, 503)
  },
)

t.test(
  'a swap of what was read before a failover is refused, though the connection is the same',
  async (t) => {
    const master = await startRedis(['--repl-diskless-sync-delay', '0'])
    const replica = await startRedis([
      ...['--repl-diskless-sync-delay', '0'],
      ...['--replicaof', '127.0.0.1', String(master.port)],
    ])
    const redis = new Redis(master.url)
    t.teardown(async () => {
      redis.disconnect()
      await Promise.all([master.stop(), replica.stop()])
    })
    await until(async () => /master_link_status:up/.test(await replica.client.info('replication')))
    const store = redisStore(redis)
    const later = () => store.now() + 60_000
    await store.swap('h', await store.read('h'), 'old', later())
    const late = await store.read('h')
    await until(async () => (await replica.client.get('oneseat:h')) === 'old')

    await replica.client.replicaof('NO', 'ONE')
    t.equal(await store.swap('h', late, 'new', later()), true, 'the other one never gets this')
    await master.client.replicaof('127.0.0.1', replica.port)
    await until(async () => /master_link_status:up/.test(await master.client.info('replication')))
    await master.client.replicaof('NO', 'ONE')

    const found = await store.read('h')
    t.equal(found.text, 'old', 'the value is as it was read')
    t.not(found.history, late.history)
    t.equal(found.parent !== '', true, 'and it says where it came from')
    t.equal(await store.swap('h', late, 'too late', later()), false)
    t.equal((await store.read('h')).text, 'old')
    t.equal(await store.swap('h', found, 'in time', later()), true)
  },
)

/** The service on a Redis that has a replica. */
async function startPair(t: Test): Promise<{ service: Service; master: Redis; replica: TestRedis }> {
  const service = await startService(t, 'redis')
  const { client: master, port } = service.redis as TestRedis
  await master.config('SET', 'repl-diskless-sync-delay', '0')
  const replica = await startRedis([
    '--repl-diskless-sync-delay',
    '0',
    '--replicaof',
    '127.0.0.1',
    String(port),
  ])
  t.teardown(() => replica.stop())
  // The replica is up a little before its master counts it, and one that counts none answers no read.
  await until(async () => /state=online/.test(await master.info('replication')))
  return { service, master, replica }
}
