import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { LIMITS } from '../../src/throttle/limits.ts'
import { redisCounters } from '../../src/throttle/redis.ts'
import { throttleWith } from '../../src/throttle/throttle.ts'
import { type Line, openLine } from '../history/line.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

const SECRET = 'a secret that all the instances share'
const TROUBLES: Record<string, (line: Line) => void> = {
  'takes everything and says nothing': (line) => line.freeze(),
  'answers too late': (line) => line.delay(300),
  'answers just in time': (line) => line.delay(20),
}

for (const [what, begin] of Object.entries(TROUBLES)) {
  t.test(`while Redis ${what}, attempts take two seconds at most, and are limited`, async (t) => {
    const { line, client } = await openRedis(t)
    const throttle = throttleWith(redisCounters(client), SECRET)
    begin(line)
    let verified = 0
    for (let i = 0; i < LIMITS.name.free + 2; i++) {
      const begun = performance.now()
      await throttle({ username: 'ann', address: '192.0.2.1', device: null }, async () => {
        verified++
        return { verified: false }
      }).catch(() => {})
      const took = Math.round(performance.now() - begun)
      t.ok(took < 2_000, `attempt ${i + 1} took ${took} ms`)
    }
    t.equal(verified, LIMITS.name.free)
  })
}

t.test('it is told why an instance is alone, once a minute', async (t) => {
  const { redis, client } = await openRedis(t)
  const told: unknown[] = []
  const counters = redisCounters(client, { onAlone: (error) => told.push(error) })
  await counters.add('k', 1, 60)
  t.strictSame(told, [])
  await redis.client.call('ACL', 'SETUSER', 'default', '-incrby')
  for (let i = 1; i <= 3; i++) t.match(await counters.add('k', 1, 60), { points: i })
  await until(() => told.length > 0)
  t.match(told, [{ message: /incrby|can't run this command/ }]) // older ones do not name it
  t.equal(told.length, 1)
  await redis.client.call('ACL', 'SETUSER', 'default', '+incrby')
  t.match(await counters.add('k', 1, 60), { points: 2 }, 'the shared counter is asked again')
  t.equal(told.length, 1)
})

t.test('an answer that is late is a reason, too', async (t) => {
  const { line, client } = await openRedis(t)
  const told: unknown[] = []
  const counters = redisCounters(client, { patience: 50, onAlone: (error) => told.push(error) })
  line.delay(100)
  await counters.add('k', 1, 60)
  await until(() => told.length > 0)
  t.match(told, [{ message: 'the counters answer too late' }])
})

async function openRedis(t: Test): Promise<{ redis: TestRedis; line: Line; client: Redis }> {
  const redis = await startRedis()
  const line = await openLine(redis.port)
  const client = new Redis(line.port, '127.0.0.1', { commandTimeout: 1_000, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  t.teardown(async () => {
    client.disconnect()
    await line.close()
    await redis.stop()
  })
  await client.ping()
  return { redis, line, client }
}
