import { mock } from 'node:test'
import { Redis } from 'ioredis'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import t from 'tap'
import { countersOn, NUMBERS } from '../../src/throttle/counters.ts'
import { LIMITS, LONGEST_WAIT, RETRY } from '../../src/throttle/limits.ts'
import { localCounters } from '../../src/throttle/local.ts'
import { redisCounters } from '../../src/throttle/redis.ts'
import { type Attempt, throttleWith } from '../../src/throttle/throttle.ts'
import { startRedis } from '../support/redis.ts'

Error.stackTraceLimit = 0 // thousands of refusals; mapping their stacks takes longer than all the rest

/** For tests that count to the last one, on a machine that is busy with others. */
const PATIENT = { patience: 5_000 }
const SECRET = 'a secret that all the instances share'
const stranger = (username: string, address = '192.0.2.1'): Attempt => ({
  username,
  address,
  device: null,
})
/** What a counter is called: its kind, and one of a bounded number of buckets. */
const KEY = /^((name|network|device|known-network):[a-z\d]{1,4}|slot:[a-z\d]{1,5})$/
const wrong = async () => ({ verified: false })
const right = async () => ({ verified: true })

/** How many of the attempts were verified; the others were told that there had been too many, or another of `codes`. */
async function verifiedOf(attempts: Promise<unknown>[], codes = ['too_many_attempts']): Promise<number> {
  const settled = await Promise.allSettled(attempts)
  for (const one of settled)
    if (one.status === 'rejected' && !codes.includes(one.reason.code)) throw one.reason
  return settled.filter((one) => one.status === 'fulfilled').length
}

t.test('R-1: ten wrong passwords at once count as ten, not as one', async (t) => {
  const throttle = throttleWith(localCounters(), SECRET)
  const attempts = Array.from({ length: 10 }, () => throttle(stranger('ann'), wrong))
  t.equal(await verifiedOf(attempts), LIMITS.name.free)
})

t.test('fifty right passwords at once all pass', async (t) => {
  const throttle = throttleWith(localCounters(), SECRET)
  const attempts = Array.from({ length: 50 }, () => throttle(stranger('ann'), right))
  t.equal(await verifiedOf(attempts), 50)
})

t.test(
  'R-2, R-12: while there is a wait no password is looked at, right or wrong, of whatever name',
  async (t) => {
    const throttle = throttleWith(localCounters(), SECRET)
    for (let i = 0; i < LIMITS.name.free; i++) await throttle(stranger('ann'), wrong)
    const never = async () => t.fail('was looked at') as never
    await t.rejects(throttle(stranger('ann'), never), { code: 'too_many_attempts' })
  },
)

t.test('R-3: a right password forgives the name and the device, not the network', async (t) => {
  const throttle = throttleWith(localCounters(), SECRET)
  for (let i = 0; i < LIMITS.network.free; i++) {
    if (i % 4 === 3) await throttle(stranger('ann'), right)
    await throttle(stranger('ann'), wrong)
  }
  await t.rejects(throttle(stranger('bob'), right), { code: 'too_many_attempts' })
  const known = { ...stranger('ann'), device: 'd' }
  for (let i = 0; i < 3 * LIMITS.device.free; i++)
    await throttle(known, i % LIMITS.device.free === LIMITS.device.free - 1 ? right : wrong)
})

t.test(
  'R-4: ten thousand failures from fifty addresses shut nobody out who was here before',
  async (t) => {
    const throttle = throttleWith(localCounters(), SECRET)
    const attempts = Array.from({ length: 10_000 }, (_, i) =>
      throttle(stranger('ann', `198.51.100.${i % 50}`), wrong),
    )
    // The free ones, and one more for every wait that is over by now. On a busy machine so many at once overload it.
    const verified = await verifiedOf(attempts, ['too_many_attempts', 'overloaded'])
    t.ok(verified < LIMITS.name.free + 5)
    await t.resolves(throttle({ ...stranger('ann', '198.51.100.7'), device: 'laptop' }, right))
    const fresh = await throttle(stranger('ann', '203.0.113.9'), right).catch((error) => error)
    t.match(fresh, { code: 'too_many_attempts' })
    t.ok(Number(fresh.headers['retry-after']) <= LONGEST_WAIT, 'a fresh device waits a bounded time')
  },
)

t.test('hammering on a blocked name blocks the network', async (t) => {
  const throttle = throttleWith(localCounters(), SECRET)
  for (let i = 0; i < LIMITS.network.free; i++) await throttle(stranger('ann'), wrong).catch(() => {})
  await t.rejects(throttle(stranger('bob'), right), { code: 'too_many_attempts' })
  await t.resolves(throttle(stranger('bob', '192.0.2.2'), right))
})

t.test('in a blocked network whoever waits as told gets in, too', async (t) => {
  t.teardown(() => mock.timers.reset())
  mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) })
  const throttle = throttleWith(localCounters(), SECRET)
  for (let i = 0; i < LIMITS.network.free; i++) await throttle(stranger(`user${i}`), wrong)
  const refusal = { code: 'too_many_attempts', headers: { 'retry-after': String(RETRY.wait) } }
  await t.rejects(throttle(stranger('ann'), right), refusal)
  mock.timers.tick(RETRY.wait * 1000)
  for (let i = 0; i < RETRY.tries; i++) await t.resolves(throttle(stranger('ann'), right))
  await t.rejects(throttle(stranger('ann'), right), { code: 'too_many_attempts' })
})

t.test('a known device answers for its own failures only', async (t) => {
  const throttle = throttleWith(localCounters(), SECRET)
  const laptop = { ...stranger('ann'), device: 'laptop' }
  for (let i = 0; i < LIMITS.device.free; i++) await throttle(laptop, wrong)
  await t.rejects(throttle(laptop, right), { code: 'too_many_attempts' })
  await t.resolves(throttle({ ...laptop, device: 'phone' }, right))
  await t.resolves(throttle(stranger('ann'), right))
})

t.test('R-5: one password for a thousand names is stopped at the network', async (t) => {
  const throttle = throttleWith(localCounters(), SECRET)
  const attempts = Array.from({ length: 1_000 }, (_, i) => throttle(stranger(`user${i}`), wrong))
  t.equal(await verifiedOf(attempts), LIMITS.network.free)
})

t.test('R-6: the addresses of one client are one, and its neighbours are others', async (t) => {
  const throttle = throttleWith(localCounters(), SECRET)
  for (let i = 0; i < LIMITS.network.free; i++) {
    await throttle(stranger(`a${i}`, `2001:db8::${i.toString(16)}`), wrong)
    await throttle(stranger(`b${i}`, i % 2 === 0 ? '192.0.2.99' : '::ffff:192.0.2.99'), wrong)
  }
  for (const address of ['2001:db8::ffff:1', '2001:DB8:0:0:1::', '192.0.2.99', '::FFFF:192.0.2.99'])
    await t.rejects(throttle(stranger('ann', address), right), { code: 'too_many_attempts' }, address)
  for (const address of ['2001:db8:0:1::1', '192.0.2.98'])
    await t.resolves(throttle(stranger('ann', address), right), address)
})

t.test('one customer has one retry slot at a name, however many networks it has', async (t) => {
  const throttle = throttleWith(localCounters(), SECRET)
  for (let i = 0; i < LIMITS.name.free; i++) await throttle(stranger('ann'), wrong)
  const waitOf = async (address: string) => {
    const refusal = await throttle(stranger('ann', address), right).catch((error) => error)
    return Number(refusal.headers['retry-after'])
  }
  for (let i = 0; i < 1 + RETRY.tries; i++) await waitOf(`2001:db8:0:${i}::1`)
  t.equal(await waitOf('2001:db8:0:ffff::1'), LONGEST_WAIT, 'the slot is used up')
  t.equal(await waitOf('2001:db8:1::1'), RETRY.wait, 'another customer has another')
})

t.test('R-7: instances share the limits, also when they are asked at the same moment', async (t) => {
  const redis = await startRedis()
  const clients = [1, 2, 3].map(() => new Redis(redis.port, '127.0.0.1'))
  t.teardown(async () => {
    for (const client of clients) client.disconnect()
    await redis.stop()
  })
  await Promise.all(clients.map((client) => client.ping()))
  const instances = clients.map((client) => throttleWith(redisCounters(client, PATIENT), SECRET))
  const wrongs = instances.flatMap((throttle) =>
    Array.from({ length: 10 }, () => throttle(stranger('ann'), wrong)),
  )
  t.equal(await verifiedOf(wrongs), LIMITS.name.free)
  const rights = instances.flatMap((throttle) =>
    Array.from({ length: 17 }, () => throttle(stranger('bob'), right)),
  )
  t.equal(await verifiedOf(rights), 51)

  await t.test('R-11: every key in Redis ends by itself', async (t) => {
    const keys = await redis.client.keys('*')
    t.ok(keys.length > 0)
    for (const key of keys) {
      t.match(key.replace(/^oneseat:throttle:/, ''), KEY)
      t.ok((await redis.client.pttl(key)) > 0, key)
    }
  })
})

t.test('R-8: while Redis is away, or after it forgot, there still is a limit', async (t) => {
  const redis = await startRedis()
  const client = new Redis(redis.port, '127.0.0.1', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 20,
  })
  client.on('error', () => {})
  t.teardown(async () => {
    client.disconnect()
    await redis.stop()
  })
  await new Promise<void>((done) => client.once('ready', done))
  const throttle = throttleWith(redisCounters(client), SECRET)
  const burst = (name: string) =>
    verifiedOf(Array.from({ length: 20 }, () => throttle(stranger(name), wrong)))
  t.equal(await burst('ann'), LIMITS.name.free)
  await redis.client.flushall()
  t.equal(await burst('ann'), LIMITS.name.free)
  await redis.kill()
  for (const name of ['ann', 'bob']) {
    t.equal(await burst(name), LIMITS.name.free, 'now this instance counts by itself')
    t.equal(await burst(name), 0)
  }
})

t.test(
  'R-11: whatever names and addresses are made up, counters are bounded and end by themselves',
  async (t) => {
    const limiter = new RateLimiterMemory(NUMBERS)
    const throttle = throttleWith(countersOn(limiter), SECRET)
    for (let i = 0; i < 3_000; i++)
      await throttle(stranger(`user${i}`, `10.${i >> 8}.${i & 255}.1`), wrong)
    const { storage } = limiter.dump()
    t.ok(storage.length > 1_000)
    for (const { key, expiresAt } of storage) {
      if (!KEY.test(String(key))) t.fail(String(key))
      if (expiresAt === null) t.fail(`${key} stays`)
    }
  },
)
