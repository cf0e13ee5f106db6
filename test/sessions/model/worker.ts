import { parentPort } from 'node:worker_threads'
import fc from 'fast-check'
import { connectSessionStores, type StorePlace } from '../../support/session-stores.ts'
import { walk } from './run.ts'
import { anyStep } from './steps.ts'
import { createWorld } from './world.ts'

/** What to check: so many runs of so many steps, on these stores. */
export type Walks = { place: StorePlace; runs: number; steps: number; seed: number; shrink: boolean }

// Walks in a thread of its own, and answers with what went wrong, or null.
parentPort?.on('message', async ({ place, runs, steps, seed, shrink }: Walks) => {
  const { close, ...stores } = await connectSessionStores(place)
  const anySteps = fc.array(anyStep, { minLength: steps, maxLength: steps })
  const result = await fc.check(
    fc.asyncProperty(anySteps, async (chosen) => {
      const { take, finish } = walk(await createWorld(stores))
      for (const step of chosen) await take(step)
      await finish()
    }),
    { seed, numRuns: runs, endOnFailure: !shrink },
  )
  await close()
  const said = `${String(result.errorInstance)}\n${fc.defaultReportMessage(result)}`
  parentPort?.postMessage(result.failed ? said : null)
})
