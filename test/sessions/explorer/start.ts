import type { SessionState } from '../../../src/sessions/sessions.ts'
import { type Instance, instance, LOGIN, NO_STORES, tokenOf } from './actor.ts'
import type { Run } from './run.ts'
import type { Scenario } from './scenario.ts'
import type { Stores } from './stores.ts'

/** Where every schedule of a scenario begins, and what has been found out about its states. */
export type Start = {
  scenario: Scenario
  stores: Stores
  /** By the number of the session each makes; 0 makes none. */
  instances: Instance[]
  probes: Map<number, Probe>
  /** A short name for a long value: equal ones for values that read the same. */
  id: (value: unknown) => number
}

/** What an instance is told that asks at one moment, and whether it had to write for that. */
export type Probe = { found: SessionState | null; wrote: boolean }

/** The first sessions are live and confirmed. */
export async function prepare(scenario: Scenario): Promise<Start> {
  const stores = { ...NO_STORES }
  for (let number = 1; number <= scenario.signedIn; number++) {
    const { sessions, wires } = instance(scenario, number, START)
    wires.stores = stores
    await sessions.claim(LOGIN)
    await sessions.find(tokenOf(number))
  }
  Object.assign(stores, { pastTexts: [stores.text], pastUsers: [stores.user] })
  const instances = Array.from({ length: FIRST + scenario.actors.length }, (_, number) =>
    instance(scenario, number, NOW),
  )
  const ids = new Map<string, number>()
  function id(value: unknown): number {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const known = ids.get(text)
    if (known !== undefined) return known
    ids.set(text, ids.size)
    return ids.size - 1
  }
  return { scenario, stores, instances, probes: new Map(), id }
}

/** Asks for a session on a copy of the stores, so that the run does not notice. */
export async function probe(
  { instances, probes, id }: Start,
  run: Run,
  session: string,
): Promise<Probe> {
  const { text, user, history, inUse, open } = run.stores
  const key = id([run.cookie(session).token, user, history, inUse, open, id(text), run.running()])
  const known = probes.get(key)
  if (known !== undefined) return known
  const stores = { ...run.stores }
  const { sessions, wires } = instances[0] as Instance
  Object.assign(wires, { stores, isRunning: (name: string) => run.running().includes(name) })
  const { token } = run.cookie(session)
  const found = await sessions.find(token)
  const answer = { found, wrote: stores.text !== text }
  probes.set(key, answer)
  return answer
}

/** The number of the first actor: smaller ones are of the sessions at the start. */
export const FIRST = 10

/** Time stands still, two minutes after the first sessions were last seen, so that `extend` has to write. */
export const NOW = 1_000_000_000_000
const START = NOW - 120_000
