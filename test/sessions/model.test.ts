import fc from 'fast-check'
import t from 'tap'
import { openSeatStores } from '../support/seat-stores.ts'
import { ENGINES } from '../support/service.ts'
import { walk } from './model/run.ts'
import { anyStep } from './model/steps.ts'
import { createWorld } from './model/world.ts'

/** Steps in a run, and runs: 10,000 steps on each engine but PostgreSQL, which takes its time. */
const STEPS = 100
const RUNS = { sqlite: 100, redis: 100, postgres: 5 }

t.setTimeout(120_000)

for (const engine of ENGINES) {
  t.test(
    `any ${STEPS * RUNS[engine]} steps end as the model says [${engine}]`,
    { timeout: 60_000 },
    async (t) => {
      const { register, accounts } = await openSeatStores(t, engine)
      const seed = Date.now() % 2 ** 31
      t.comment(`seed ${seed}`)
      const result = await fc.check(
        fc.asyncProperty(fc.array(anyStep, { minLength: STEPS, maxLength: STEPS }), async (steps) => {
          const { take, finish } = walk(await createWorld(register, accounts))
          for (const step of steps) await take(step)
          await finish()
        }),
        { seed, numRuns: RUNS[engine], endOnFailure: process.env['SHRINK'] !== '1' },
      )
      t.notOk(result.failed, fc.defaultReportMessage(result) ?? 'no difference')
    },
  )
}
