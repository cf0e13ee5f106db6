import { Redis } from 'ioredis'
import { RateLimiterRedis } from 'rate-limiter-flexible'
import t, { type Test } from 'tap'
import { type Counters, insured } from '../../src/throttle/insured.ts'
import { localLimiter, sharedLimiter } from '../../src/throttle/limiter.ts'
import { BRAKES, throttleWith } from '../../src/throttle/throttle.ts'
import { type Line, openLine } from '../history/line.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

const SECRET = 'a secret that all the instances share'
const TROUBLES: Record<string, (line: Line) => void> = {
  'takes everything and says nothing': (line) => line.freeze(),
  'answers too late': (line) => line.delay(150),
  'answers just in time': (line) => line.delay(20),
}

for (const [what, begin] of Object.entries(TROUBLES)) {
  t.test(`while Redis ${what}, attempts take two seconds at most, and are limited`, async (t) => {
    const { line, client } = await openRedis(t)
    const throttle = throttleWith(sharedLimiter(client), SECRET)
    begin(line)
    let verified = 0
    for (let i = 0; i < BRAKES.name.free + 2; i++) {
      const begun = performance.now()
      await throttle({ username: 'ann', address: '192.0.2.1', device: null }, async () => {
        verified++
        return { verified: false }
      }).catch(() => {})
      const took = Math.round(performance.now() - begun)
      t.ok(took < 2_000, `attempt ${i + 1} took ${took} ms`)
    }
    // Of those that waited a second for an answer, one may have waited for the end of its punishment.
    t.ok(verified >= BRAKES.name.free && verified <= BRAKES.name.free + 1, `${verified} were verified`)
  })
}

t.test('an attempt that began with one and ended with the other counts for both', async (t) => {
  const { line, client } = await openRedis(t)
  const own = localLimiter()
  const shared = new RateLimiterRedis({ points: 1, duration: 60, storeClient: client })
  const counters = insured(shared, own, { patience: 50, awayFor: 60_000 })
  await counters.penalty('place', 1)
  await counters.penalty('failures', 1)
  line.freeze()
  t.match(await counters.reward('place', 1), { consumedPoints: 0 })
  t.match(await counters.penalty('failures', 1), { consumedPoints: 2 })
})

t.test('after a while the shared counters are asked again', async (t) => {
  const { redis, line, client } = await openRedis(t)
  const own = localLimiter()
  const shared = new RateLimiterRedis({ points: 1, duration: 60, storeClient: client })
  const told: unknown[] = []
  const onAlone = (error: unknown) => void told.push(error)
  const counters = insured(shared, own, { patience: 50, awayFor: 50, onAlone })
  await counters.penalty('before', 1)
  line.freeze()
  await counters.penalty('meanwhile', 1)
  t.equal((await own.get('meanwhile'))?.consumedPoints, 1)
  const since = performance.now()
  await until(async () => {
    await counters.penalty('more', 1)
    return performance.now() - since > 300
  })
  t.match(told, [{ message: 'the counters do not answer' }], 'told once, however often it is asked')
  t.equal(told.length, 1)
  line.heal()
  await until(async () => {
    await counters.penalty('after', 1)
    return (await redis.client.keys('*')).some((key) => key.endsWith(':after'))
  })
  t.equal((await counters.get('before'))?.consumedPoints, 1)
  line.freeze()
  await counters.penalty('again', 1)
  t.equal(told.length, 2, 'and once more the next time')
})

t.test('an answer that was under way when another failed does not end what that began', async (t) => {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const shared = { get: (key: string) => (key === 'late' ? late : Promise.reject(new Error('refused'))) }
  const told: unknown[] = []
  const onAlone = (error: unknown) => void told.push(error)
  const counters = insured(shared as Counters, localLimiter(), { patience: 60_000, awayFor: 0, onAlone })
  const underWay = counters.get('late')
  await counters.get('first')
  resolve(null)
  await underWay
  await counters.get('second')
  t.equal(told.length, 1)
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
