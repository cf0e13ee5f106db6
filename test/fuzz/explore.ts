import { Coverage } from './coverage.ts'
import { mutate } from './mutate.ts'
import type { Target } from './targets.ts'

export type Exploration = { runs: number; kept: number; branches: number }

/**
 * Runs a target on mutated inputs until `end` (of `performance.now()`), guided by the branches they reach: an input that
 * goes where no other has been is kept, and mutated further. Throws with the input when the target does, or when it takes
 * too long. Only code that was loaded after `instrument.ts` is seen.
 */
export async function explore(target: Target, end: number, random: () => number): Promise<Exploration> {
  const coverage = new Coverage()
  const corpus: Buffer[] = target.seeds.map((seed) => Buffer.from(seed, 'latin1'))
  for (const seed of corpus) await attempt(target, seed)
  coverage.learn()
  let runs = 0
  while (performance.now() < end) {
    const input = mutate(corpus, random)
    await attempt(target, input)
    runs++
    if (coverage.learn()) corpus.push(input)
  }
  return { runs, kept: corpus.length, branches: coverage.branches }
}

async function attempt(target: Target, input: Buffer): Promise<void> {
  try {
    let took = await timed(target, input)
    // The machine has others to serve: only what is slow every time is slow.
    for (let again = 0; took > SLOW && again < 3; again++) {
      took = Math.min(took, await timed(target, input))
    }
    if (took > SLOW) throw new Error(`took ${Math.round(took)} ms`)
  } catch (error) {
    throw new Error(`${target.name}: ${JSON.stringify(input.toString('latin1'))}`, { cause: error })
  }
}

async function timed(target: Target, input: Buffer): Promise<number> {
  const begun = performance.now()
  await target.run(input)
  return performance.now() - begun
}

/** Milliseconds. Anything of ours is done within one. */
const SLOW = 200
