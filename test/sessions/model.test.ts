import t from 'tap'
import { BOTH_ENDS } from '../support/service.ts'
import { startSessionStores } from '../support/session-stores.ts'
import { openThread } from '../support/thread.ts'
import type { Walks } from './model/worker.ts'

/** Steps in a run, and runs. */
const STEPS = 100
const RUNS = 100

t.setTimeout(120_000)
const check = openThread<Walks, string | null>(t, new URL('./model/worker.ts', import.meta.url))

for (const engine of BOTH_ENDS) {
  t.test(
    `any ${STEPS * RUNS} steps end as the model says [${engine}]`,
    { timeout: 60_000 },
    async (t) => {
      const place = await startSessionStores(t, engine)
      const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
      t.comment(`seed ${seed}`)
      const shrink = process.env['SHRINK'] === '1'
      t.equal(await check({ place, runs: RUNS, steps: STEPS, seed, shrink }), null)
    },
  )
}
