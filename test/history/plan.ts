import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Fault } from './fault.ts'
import type { Policy } from './history.ts'
import type { RunOptions } from './run.ts'

/** Milliseconds of `think` in a short run: few operations, and what breaks is found as surely. */
export const THINK = 20

/** A run with a name. */
export type Planned = Omit<RunOptions, 'seed' | 'ops'> & { name: string; keepsSessions: boolean }

/** Every fault there is: the files of `faults/`, by name. */
export async function faults(): Promise<Map<string, Fault>> {
  const directory = join(import.meta.dirname, 'faults')
  const found = new Map<string, Fault>()
  for (const file of readdirSync(directory).sort()) {
    const { fault } = (await import(join(directory, file))) as { fault: Fault }
    found.set(fault.name, fault)
  }
  return found
}

/** What breaks most stores, each of it once. Nothing is broken at first, nor between two faults. */
export function planShort(all: ReadonlyMap<string, Fault>): Planned[] {
  const short = { afterwards: 500, think: THINK, inTurn: true, instances: 2 }
  return SHORT.map((line) => ({ ...plan(all, line, 1_000), ...short }))
}

/** Every fault in every place where it can happen, pairs of them, and other policies. */
export function planLong(all: ReadonlyMap<string, Fault>): Planned[] {
  const alone = [...all.values()].flatMap(({ name, topologies }) =>
    topologies.map((topology): Line => [topology, name]),
  )
  return [...alone, ...PAIRS, ...OTHER_POLICIES].map((line) => plan(all, line, 14_000))
}

function plan(all: ReadonlyMap<string, Fault>, [topology, ...names]: Line, duration: number): Planned {
  const policy = names.find((name) => name in POLICIES)
  const chosen = names
    .filter((name) => name !== policy)
    .map((name) => {
      const fault = all.get(name)
      if (fault === undefined) throw new Error(`no fault is named ${name}`)
      return fault
    })
  const place = chosen.every((fault) => fault.topologies[0] === topology) ? '' : ` [${topology}]`
  return {
    name: names.join(' + ') + place,
    keepsSessions: chosen.every((fault) => fault.keepsSessions ?? false),
    faults: chosen,
    topology,
    ...(policy === undefined ? {} : { policy: POLICIES[policy] as Policy }),
    duration,
    afterwards: 3_500, // longer than a fault may be felt
    users: 10,
    clients: 24,
  }
}

/** How many seats there are and what a login does when they are taken, other than one that is replaced. */
const POLICIES: Readonly<Record<string, Policy>> = {
  'three-seats': { limit: 3, onLimit: 'replace', refuseWhileSeen: 1_000 },
  refuse: { limit: 1, onLimit: 'refuse', refuseWhileSeen: 600 },
  ask: { limit: 2, onLimit: 'ask', refuseWhileSeen: 1_000 },
}

type Line = [Planned['topology'], ...string[]]

const SHORT: Line[] = [
  ['pair', 'replica-promoted', 'sql-standby-promoted', 'older-state'],
  ['postgres', 'sql-killed', 'three-seats'],
]

const PAIRS: Line[] = [
  ['single', 'redis-older-snapshot', 'instance-paused'],
  ['single', 'redis-older-snapshot', 'sql-paused'],
  ['single', 'redis-slow', 'instance-killed'],
  ['single', 'redis-evicting', 'clock-skew'],
  ['single', 'lines-cut', 'sql-killed'],
  ['single', 'redis-killed-kept', 'rolling-deploy'],
  ['single', 'redis-killed-kept', 'login-stalled'],
  ['single', 'records-deleted', 'one-way'],
  ['single', 'sql-standby-promoted', 'redis-killed-kept'],
  ['pair', 'replica-promoted', 'instance-paused'],
  ['pair', 'master-demoted', 'sql-paused'],
  ['sentinel', 'sentinel-failover', 'instance-killed'],
  ['cluster', 'cluster-failover', 'instance-paused'],
]

const OTHER_POLICIES: Line[] = [
  ['single', 'none', 'three-seats'],
  ['single', 'none', 'refuse'],
  ['single', 'none', 'ask'],
  ['postgres', 'sql-killed', 'three-seats'],
  ['postgres', 'instance-paused', 'refuse'],
  ['single', 'redis-older-snapshot', 'three-seats'],
  ['single', 'older-state', 'refuse'],
  ['single', 'login-stalled', 'ask'],
  ['single', 'one-way', 'three-seats'],
  ['single', 'sql-standby-promoted', 'three-seats'],
  ['pair', 'replica-promoted', 'three-seats'],
  ['pair', 'master-led-back', 'ask'],
]
