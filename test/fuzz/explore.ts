import { Session } from 'node:inspector/promises'
import type { Target } from './targets.ts'

export type Exploration = { runs: number; corpus: number; branches: number }

/**
 * Runs a target on mutated inputs until `end` (of `performance.now()`), guided by V8's own branch coverage of `src/`: an
 * input that reaches a branch no other has reached is kept, and mutated further. Throws with the input when the target does.
 */
export async function explore(target: Target, end: number, random: () => number): Promise<Exploration> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const corpus: Buffer[] = target.seeds.map((seed) => Buffer.from(seed, 'latin1'))
  const seen = new Set<string>()
  let runs = 0
  for (const seed of corpus) attempt(target, seed)
  await newBranches(session, seen)
  while (performance.now() < end) {
    // Coverage is asked for once per batch, because asking costs more than running.
    const batch = Array.from({ length: BATCH }, () =>
      mutate(pick(corpus, random), pick(corpus, random), random),
    )
    for (const input of batch) attempt(target, input)
    runs += batch.length
    if ((await newBranches(session, seen)) > 0) corpus.push(...batch)
  }
  await session.post('Profiler.stopPreciseCoverage')
  session.disconnect()
  return { runs, corpus: corpus.length, branches: seen.size }
}

function attempt(target: Target, input: Buffer): void {
  try {
    target.run(input)
  } catch (error) {
    throw new Error(`${target.name}: ${JSON.stringify(input.toString('latin1'))}`, { cause: error })
  }
}

/** How many branches of `src/` were run since the last call that never ran before; they are put into `seen`. */
async function newBranches(session: Session, seen: Set<string>): Promise<number> {
  const before = seen.size
  const { result } = await session.post('Profiler.takePreciseCoverage')
  for (const { url, functions } of result.filter((script) => script.url.includes('/src/')))
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges)
        if (count > 0) seen.add(`${url}:${startOffset}-${endOffset}`)
  return seen.size - before
}

/** Another input: bytes changed, cut out, doubled, put in, or two inputs spliced. */
function mutate(input: Buffer, other: Buffer, random: () => number): Buffer {
  let bytes: Buffer = input
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * (bytes.length + 1))
    const length = Math.floor(random() * 8)
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)]
    const kind = Math.floor(random() * 5)
    if (kind === 0) bytes = Buffer.concat([head, Buffer.of(random() * 256), tail.subarray(1)])
    else if (kind === 1) bytes = Buffer.concat([head, tail.subarray(length)])
    else if (kind === 2) bytes = Buffer.concat([head, tail.subarray(0, length), tail])
    else if (kind === 3) bytes = Buffer.concat([head, Buffer.from(pick(TOKENS, random), 'latin1'), tail])
    else bytes = Buffer.concat([head, other.subarray(Math.floor(random() * other.length))])
  }
  return bytes.subarray(0, 4096)
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}

const BATCH = 200
const TOKENS = [
  '"',
  '\\',
  '\\u',
  '\\ud800',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  ';',
  '=',
  '.',
  '%',
  '%00',
  '\0',
  '\x80',
  '\xff',
  ' ',
  '__proto__',
  '"constructor":',
  '1e999',
  '-0',
  'null',
  'oneseat=',
  '::',
  '::ffff:',
  '/64',
  '1.',
]
