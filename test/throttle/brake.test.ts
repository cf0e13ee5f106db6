import pg from 'pg'
import t from 'tap'
import { brakeOn } from '../../src/throttle/brake.ts'
import type { Counters } from '../../src/throttle/insured.ts'
import { localLimiter, sharedLimiter } from '../../src/throttle/limiter.ts'
import { postgresLimiter } from '../../src/throttle/postgres.ts'
import { openDatabase } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'

const PATIENT = { patience: 5_000, awayFor: 0 }
const redis = await startRedis()
t.teardown(() => redis.stop())
const pool = new pg.Pool({ connectionString: await openDatabase(t) })
pool.on('error', () => {}) // the server may end first
t.teardown(() => pool.end())
const inPostgres = await postgresLimiter(pool, PATIENT)
const ENGINES: Record<string, () => Counters> = {
  'this process': localLimiter,
  Redis: () => sharedLimiter(redis.client, PATIENT),
  PostgreSQL: () => inPostgres,
}
const IMPATIENT = { patience: 0 }
const NUMBERS = { free: 3, window: 60, longest: 60, forgive: true }

for (const [where, open] of Object.entries(ENGINES)) {
  t.test(
    `after the free failures each one doubles the wait, up to the longest [${where}]`,
    async (t) => {
      const limiter = open()
      const brake = brakeOn(limiter, NUMBERS)
      const waits: number[] = []
      for (let failures = 1; failures <= 12; failures++) {
        await (await brake.enter('k'))('wrong')
        const shut = await limiter.get('shut:k')
        waits.push(Math.ceil((shut?.msBeforeNext ?? 0) / 1000))
        if (shut !== null)
          await t.rejects(brake.enter('k'), {
            code: 'too_many_attempts',
            headers: { 'retry-after': String(waits.at(-1)) },
          })
        await limiter.delete('shut:k') // the wait is over
      }
      t.strictSame(waits, [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60])
    },
  )

  t.test(
    `a wait that is over lets one attempt in, and the next when that one has ended [${where}]`,
    async (t) => {
      const limiter = open()
      const brake = brakeOn(limiter, NUMBERS)
      for (let failures = 0; failures < 5; failures++) {
        await (await brake.enter('one'))('wrong')
        await limiter.delete('shut:one')
      }
      const leave = await brake.enter('one')
      const second = t.rejects(brake.enter('one'), { code: 'too_many_attempts' })
      await leave('wrong')
      await second
    },
  )

  t.test(`a success forgives, where it may [${where}]`, async (t) => {
    const limiter = open()
    const forgiving = brakeOn(limiter, NUMBERS)
    const strict = brakeOn(limiter, { ...NUMBERS, forgive: false })
    for (const [key, brake] of [
      ['f', forgiving],
      ['s', strict],
    ] as const) {
      for (const outcome of ['wrong', 'wrong', 'right', 'wrong'] as const) {
        await (await brake.enter(key))(outcome)
      }
    }
    await t.resolves(forgiving.enter('f'))
    await t.rejects(strict.enter('s'), { code: 'too_many_attempts' })
  })

  t.test(`an attempt without a verdict counts as none [${where}]`, async (t) => {
    const brake = brakeOn(open(), NUMBERS)
    for (let i = 0; i < 10; i++) {
      await (await brake.enter('open'))('open')
    }
    await t.resolves(brake.enter('open'))
  })

  t.test(`who waits longer than it is worth is told that we are overloaded [${where}]`, async (t) => {
    const brake = brakeOn(open(), { ...NUMBERS, free: 1 }, { patience: 100 })
    await brake.enter('busy')
    const refused = brake.enter('busy')
    await t.rejects(refused, { code: 'overloaded', headers: { 'retry-after': '2' } })
  })

  t.test(`a place taken while another is given back is not lost with it [${where}]`, async (t) => {
    const limiter = open()
    const one = { ...NUMBERS, free: 1 }
    const [other, third] = [brakeOn(limiter, one), brakeOn(limiter, one, IMPATIENT)]
    const brake = brakeOn(
      {
        get: (...args) => limiter.get(...args),
        penalty: (...args) => limiter.penalty(...args),
        block: (...args) => limiter.block(...args),
        delete: (...args) => limiter.delete(...args),
        reward: async (...args) => {
          const left = await limiter.reward(...args)
          await other.enter('between')
          return left
        },
      },
      one,
    )
    await (await brake.enter('between'))('open')
    await t.rejects(third.enter('between'), { code: 'overloaded' })
  })
}

t.test('a place whose holder died is free again, and a late return of it makes no room', async (t) => {
  let now = 0
  const brake = brakeOn(localLimiter(), { ...NUMBERS, free: 1 }, { ...IMPATIENT, clock: () => now })
  const leaveLate = await brake.enter('lost')
  now += 30_000
  await t.rejects(brake.enter('lost'), { code: 'overloaded' }, 'it may still be under way')
  now += 30_000
  const leave = await brake.enter('lost')
  await leaveLate('open')
  await t.rejects(brake.enter('lost'), { code: 'overloaded' })
  await leave('open')
  await t.resolves(brake.enter('lost'))
})

t.test('places are held also when the span in which they were taken is over', async (t) => {
  let now = 0
  const brake = brakeOn(localLimiter(), NUMBERS, { ...IMPATIENT, clock: () => now })
  await (await brake.enter('span'))('open') // there is a counter now, with an end
  now = 29_999
  for (let held = 0; held < NUMBERS.free; held++) await brake.enter('span')
  for (now of [30_000, 59_999]) await t.rejects(brake.enter('span'), { code: 'overloaded' })
})

t.test('places taken by a clock that is ahead of ours are held', async (t) => {
  const limiter = localLimiter()
  const one = { ...NUMBERS, free: 1 }
  await brakeOn(limiter, one, { clock: () => 31_000 }).enter('ahead')
  const behind = brakeOn(limiter, one, { ...IMPATIENT, clock: () => 29_000 })
  await t.rejects(behind.enter('ahead'), { code: 'overloaded' })
})
