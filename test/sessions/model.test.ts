import fc from 'fast-check'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openSqlite } from '../../src/accounts/sqlite.ts'
import { redisRegister } from '../../src/registers/redis.ts'
import { sqliteRegister } from '../../src/registers/sqlite.ts'
import { startRedis } from '../support/redis.ts'
import { ENGINES, type EngineName } from '../support/service.ts'
import { walk } from './model/run.ts'
import { anyStep } from './model/steps.ts'
import { createWorld } from './model/world.ts'

/** Steps in a run, and runs: 10,000 steps on each engine. */
const STEPS = 100
const RUNS = 100

t.setTimeout(120_000)

for (const engine of ENGINES) {
  t.test(
    `any ${STEPS * RUNS} steps end as the model says [${engine}]`,
    { timeout: 60_000 },
    async (t) => {
      const { register, accounts } = await openStores(t, engine)
      const seed = Date.now() % 2 ** 31
      t.comment(`seed ${seed}`)
      const result = await fc.check(
        fc.asyncProperty(fc.array(anyStep, { minLength: STEPS, maxLength: STEPS }), async (steps) => {
          const { take, finish } = walk(await createWorld(register, accounts))
          for (const step of steps) await take(step)
          await finish()
        }),
        { seed, numRuns: RUNS, endOnFailure: process.env['SHRINK'] !== '1' },
      )
      t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'no difference')
    },
  )
}

async function openStores(t: Test, engine: EngineName) {
  const { file, db } = await openSqlite(':memory:')
  t.teardown(() => db.destroy())
  const accounts = sqlAccounts(db)
  if (engine === 'sqlite') return { accounts, register: sqliteRegister(file, Date.now) }
  const server = await startRedis()
  const redis = new Redis(server.url)
  await redis.ping()
  const register = redisRegister(redis)
  t.teardown(async () => {
    await register.close()
    redis.disconnect()
    await server.stop()
  })
  while (!isKnown(register)) await redis.ping()
  return { accounts, register }
}

function isKnown(register: ReturnType<typeof redisRegister>): boolean {
  try {
    return register.incarnation() !== ''
  } catch {
    return false
  }
}
