import t from 'tap'
import { startSeatStores } from '../support/seat-stores.ts'
import { ENGINES } from '../support/service.ts'
import { openThread } from '../support/thread.ts'
import type { Walks } from './model/worker.ts'

/** Steps in a run, and runs: 10,000 steps on each engine but PostgreSQL, which takes its time. */
const STEPS = 100
const RUNS = { sqlite: 100, redis: 100, postgres: 5 }

t.setTimeout(120_000)
const check = openThread<Walks, string | null>(t, new URL('./model/worker.ts', import.meta.url))

for (const engine of ENGINES) {
  t.test(
    `any ${STEPS * RUNS[engine]} steps end as the model says [${engine}]`,
    { timeout: 60_000 },
    async (t) => {
      const place = await startSeatStores(t, engine)
      const seed = Date.now() % 2 ** 31
      t.comment(`seed ${seed}`)
      const shrink = process.env['SHRINK'] === '1'
      t.equal(await check({ place, runs: RUNS[engine], steps: STEPS, seed, shrink }), null)
    },
  )
}
