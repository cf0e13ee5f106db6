import { brokenEnd, brokenPromise } from './promises.ts'
import { type Choice, Run } from './run.ts'
import type { Scenario } from './scenario.ts'
import { prepare, probe, type Start } from './start.ts'

/** What came of trying everything. */
export type Report = {
  /** Different states looked at, and how many of them were ends. */
  states: number
  ends: number
  violation: { promise: string; story: readonly string[] } | null
}

/** A choice that was made, and which sessions were over for good when it was. */
type Step = Choice & { over: readonly string[] }

/**
 * Tries every order of all steps of a scenario, from its start to every end, and looks at each state once: two orders that
 * lead to the same state go on alike. `shortest` gives the shortest story that breaks a promise, and takes longer.
 */
export async function explore(scenario: Scenario, search: 'all' | 'shortest' = 'all'): Promise<Report> {
  const start = await prepare(scenario)
  const report: Report = { states: 0, ends: 0, violation: null }
  const seen = new Set<string>()
  const paths: Step[][] = [[]]
  for (;;) {
    let path = search === 'all' ? paths.pop() : paths.shift()
    if (path === undefined) return report
    const run = await replay(start, path)
    for (;;) {
      const ask = (session: string) => probe(start, run, session)
      const broken = await brokenPromise(run, ask)
      if (broken !== null) return { ...report, violation: { promise: broken, story: run.story() } }
      const key = run.key()
      if (seen.has(key)) break
      seen.add(key)
      report.states++
      const [next, ...others] = run.choices()
      if (next === undefined) {
        report.ends++
        const wrong = await brokenEnd(run, ask)
        if (wrong !== null) return { ...report, violation: { promise: wrong, story: run.story() } }
        break
      }
      const over = [...run.over]
      for (const other of others) paths.push([...path, { ...other, over }])
      path = [...path, { ...next, over }]
      if (search === 'shortest') {
        paths.push(path)
        break
      }
      await run.take(next)
    }
  }
}

/** Plays a schedule from the start. Its states were looked at when they were first found. */
async function replay(start: Start, path: readonly Step[]): Promise<Run> {
  const run = new Run(start)
  for (const step of path) {
    for (const session of step.over) run.over.add(session)
    await run.take(step)
  }
  return run
}
