import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { hashServiceKey, newServiceKey } from '../../src/keys/service-key.ts'
import { ADMINISTRATORS, changeRoles, endSessions, HELPER } from './administrator.ts'
import { type Availability, measureAvailability } from './availability.ts'
import { type Driver, openDriver } from './driver.ts'
import { findEnd } from './end-state.ts'
import { type Fault, pause } from './fault.ts'
import { generate, LONERS, type Load } from './generator.ts'
import type { History, Policy, Window } from './history.ts'
import { PASSWORDS } from './moves.ts'
import { seededRandom } from './random.ts'
import type { Violation } from './rules/report.ts'
import { findViolations } from './rules.ts'
import { strikeInTurn, strikeUntil } from './strike.ts'
import { openWorld, type Setup, type Topology, type World } from './world.ts'

export type RunOptions = {
  /** All of them strike, each in its own rhythm; or in turn, and with little time between. */
  faults: readonly Fault[]
  inTurn?: boolean
  /** How many processes of the program; three if it does not say. */
  instances?: number
  topology: Topology
  /** Without it, one seat, and a login replaces. */
  policy?: Policy
  without?: NonNullable<Setup['without']>
  /** Milliseconds of load, or operations, whichever comes last. */
  duration: number
  ops?: number
  /** Milliseconds for which the load goes on after the last fault. */
  afterwards: number
  users: number
  clients: number
  /** Milliseconds that a client waits before it does the next thing; without it, none. */
  think?: number
  /** Whether nobody signs in after the last fault: a login would put right what it has broken. */
  settle?: boolean
  /** Milliseconds; without it, so few that sessions run out during a run. */
  idleTimeout?: number
  seed: number
}

export type RunReport = {
  history: History
  violations: Violation[]
  availability: Availability
  strikes: number
}

/** One run: a world, clients, what goes wrong in it, and then the verdict over all that was seen. */
export async function runHistory(options: RunOptions): Promise<RunReport> {
  const { faults, topology, without, instances = 3, policy = ONE_SEAT } = options
  const setup: Partial<Setup> = Object.assign({}, ...faults.map((fault) => fault.setup ?? {}))
  const timeouts = {
    idleTimeout: setup.idleTimeout ?? options.idleTimeout ?? 2_000,
    absoluteTimeout: setup.absoluteTimeout ?? 6_000,
  }
  const world = await openWorld({
    topology,
    instances,
    policy,
    ...(without === undefined ? {} : { without }),
    ...setup,
    ...timeouts,
  })
  const driver = openDriver(world.instances.urls)
  try {
    const users = Array.from({ length: options.users }, (_, i) => `user${i}`)
    const ids = await register(driver, world, [...users, ...LONERS, ...ADMINISTRATORS, HELPER])
    driver.ops.length = 0
    const windows: Window[] = []
    let settled = false
    let over = false
    const random = seededRandom(options.seed)
    const load: Load = {
      driver,
      instances: world.instances.urls.length,
      users,
      clients: options.clients,
      think: options.think ?? 0,
      plain: without === 'atomicity',
      backend: without === 'atomicity' ? null : { key: KEY, ids },
      ...timeouts,
      random,
      settled: () => settled,
      stopped: () => over,
    }
    const clients = Promise.all([
      generate(load),
      ...(load.plain ? [] : [changeRoles(load, ids), endSessions(load, ids)]),
    ])
    const end = performance.now() + options.duration
    const enough = () => performance.now() > end && driver.ops.length >= (options.ops ?? 0)
    try {
      if (options.inTurn) await strikeInTurn(faults, world, random, windows)
      else await Promise.all(faults.map((fault) => strikeUntil(fault, world, random, windows, enough)))
      settled = windows.length > 0 && (options.settle ?? false)
      while (!enough()) await pause(100)
      if (windows.length > 0) await pause(options.afterwards)
    } finally {
      over = true
      await clients
    }
    await ready(world)
    const atEnd = await findEnd(driver, world, policy)
    const { ops } = driver
    const { believed, sqlAway } = world
    const seen = { ops, windows, believed, sqlAway, tellsOthers: topology !== 'postgres' }
    const history = { ...seen, policy, lost: whatMayBeLost(faults), ...timeouts }
    return {
      history,
      violations: [...findViolations(history), ...atEnd],
      availability: measureAvailability(history),
      strikes: windows.length,
    }
  } finally {
    driver.close()
    await world.stop()
  }
}

function whatMayBeLost(faults: readonly Fault[]): History['lost'] {
  return {
    records: faults.some(({ keepsSessions }) => keepsSessions !== true),
    sql: faults.some(({ losesSql }) => losesSql === true),
    numbers: faults.some(({ confirmsAnew }) => confirmsAnew === true),
  }
}

/** Makes the users, and some of them administrators. Gives their ids by name. */
async function register(
  driver: Driver,
  world: World,
  names: readonly string[],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const username of names) {
    const call = { type: 'grant', user: username, instance: 0, sid: null, method: 'POST' } as const
    const { body } = await driver.call({
      ...call,
      path: '/register',
      body: { username, password: PASSWORDS[0] },
    })
    ids.set(username, String((body?.['user'] as { id?: string } | undefined)?.id))
  }
  const client = new pg.Client(world.sql.server.url)
  await client.connect()
  await client.query(GRANT_ADMIN, [ADMINISTRATORS])
  await client.query(ADD_KEY, [hashServiceKey(KEY)])
  await client.end()
  await world.sql.replica?.catchUp(world.sql.server.port)
  return ids
}

const KEY = newServiceKey(randomBytes)
const ADD_KEY = `INSERT INTO oneseat_keys (name, scope, hash, created_at) VALUES ('backend', 'sign-in', $1, 0)`
const GRANT_ADMIN = `UPDATE oneseat_users SET roles = '["admin"]'
  WHERE id IN (SELECT user_id FROM oneseat_accounts WHERE username = ANY($1))`

/** Waits until every instance says that it can do its work again. */
async function ready({ instances: { urls, all } }: World): Promise<void> {
  const end = performance.now() + 15_000
  for (const [i, url] of urls.entries()) {
    while (!(await fetch(`${url}/health/ready`).catch(() => null))?.ok) {
      if (performance.now() > end) {
        const logs = all[i]?.logs.slice(-5).map((line) => JSON.stringify(line))
        const said = [all[i]?.stderr(), ...(logs ?? [])].join('\n')
        throw new Error(`instance ${i} is not ready 15 s after the last fault\n${said}`)
      }
      await pause(50)
    }
  }
}

const ONE_SEAT: Policy = { limit: 1, onLimit: 'replace', refuseWhileSeen: 1_000 }
