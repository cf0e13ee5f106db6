import type { Driver } from './driver.ts'
import type { Op } from './history.ts'

export type Load = {
  driver: Driver
  instances: number
  users: readonly string[]
  password: string
  clients: number
  /** Milliseconds that a client waits before it does the next thing. */
  think: number
  idleTimeout: number
  absoluteTimeout: number
  random: () => number
  /** Becomes true when nobody is to sign in any more. */
  settled: () => boolean
  /** Becomes true when the clients are to stop. */
  stopped: () => boolean
}

/** All cookies of one user that the clients know, oldest first. */
type Pocket = { user: string; sids: string[]; loginShare: number }

/**
 * Clients that each take the next thing to do at random: mostly "who am I" with new, recent, old and forged
 * cookies, some of them parked in their handler; logins, logouts, and bursts of either on all instances at once. Half the
 * users sign in all the time, the others seldom. Some further clients leave their session alone until it runs out.
 */
export async function generate(load: Load): Promise<void> {
  const pockets = load.users.map((user, i) => ({
    user,
    sids: [],
    loginShare: i % 2 === 0 ? 0.06 : 0.003,
  }))
  await Promise.all([
    ...Array.from({ length: load.clients }, () => busyClient(load, pockets)),
    idleClient(load, 'idler'),
    oldClient(load, 'elder'),
  ])
}

/** Users beyond `Load.users` that `generate` needs. */
export const LONERS = ['idler', 'elder'] as const

async function busyClient(load: Load, pockets: readonly Pocket[]): Promise<void> {
  const { random } = load
  while (!load.stopped()) {
    const pocket = pick(pockets, random)
    const dice = random()
    if (dice < LOGINS + pocket.loginShare && load.settled()) await me(load, pocket)
    else if (dice < 0.001) await Promise.all(Array.from({ length: 6 }, () => login(load, pocket)))
    else if (dice < LOGINS) await everywhere(load, pocket)
    else if (dice < LOGINS + pocket.loginShare) await login(load, pocket)
    else if (dice < LOGINS + pocket.loginShare * 1.33) await logout(load, pocket)
    else if (dice < 0.9) await me(load, pocket)
    else await me(load, pocket, { park: random() < 0.25 ? Math.floor(random() * 300) : 0 })
    // A refused connection is answered in no time; a client that did not wait then would do nothing else.
    const wait = load.driver.ops.at(-1)?.code === 0 ? 20 : load.think
    if (wait > 0) await pause(wait)
  }
}

/** Where in the dice the usual logins begin. */
const LOGINS = 0.003

async function login(load: Load, pocket: Pocket): Promise<Op> {
  const { user } = pocket
  const presented = load.random() < 0.2 ? chooseSid(pocket, load.random) : null
  const op = await load.driver.call({
    type: 'login',
    user,
    instance: pickInstance(load),
    sid: presented,
    method: 'POST',
    path: '/login',
    body: { username: user, password: load.password },
  })
  if (op.res === 'ok' && op.sid !== null) pocket.sids.push(op.sid)
  return op
}

async function me(
  load: Load,
  { user, sids, loginShare }: Pocket,
  {
    park = 0,
    instance = pickInstance(load),
    sid = chooseSid({ user, sids, loginShare }, load.random),
  } = {},
): Promise<Op> {
  const parked = park > 0 ? { park } : {}
  return load.driver.call({ type: 'me', user, instance, sid, method: 'GET', path: '/me', ...parked })
}

async function logout(load: Load, pocket: Pocket): Promise<void> {
  const sid = chooseSid(pocket, load.random)
  const instance = pickInstance(load)
  await load.driver.call({
    type: 'logout',
    user: pocket.user,
    instance,
    sid,
    method: 'POST',
    path: '/logout',
  })
}

async function everywhere(load: Load, pocket: Pocket): Promise<void> {
  const sid = pocket.sids.at(-1) ?? forge(load.random)
  await Promise.all(
    Array.from({ length: load.instances }, (_, instance) => me(load, pocket, { instance, sid })),
  )
}

/** Signs in, and comes back shortly before or after the session ran out unused. */
async function idleClient(load: Load, user: string): Promise<void> {
  while (!load.stopped()) {
    const pocket = { user, sids: [], loginShare: 1 }
    const sid = (await login(load, pocket)).sid
    if (sid !== null) {
      await pause(load.idleTimeout * (0.85 + load.random() * 0.3))
      await me(load, pocket, { sid })
      await pause(150)
      await me(load, pocket, { sid })
    } else await pause(100)
  }
}

/** Signs in, and uses the session all the time until it is over its absolute age. */
async function oldClient(load: Load, user: string): Promise<void> {
  while (!load.stopped()) {
    const pocket = { user, sids: [], loginShare: 1 }
    const sid = (await login(load, pocket)).sid
    const end = performance.now() + load.absoluteTimeout + 500
    while (sid !== null && performance.now() < end && !load.stopped()) {
      await me(load, pocket, { sid })
      await pause(load.idleTimeout / 8)
    }
    if (sid === null) await pause(100)
  }
}

/** The newest, one of the last thirty, the oldest, or one that nobody issued. */
function chooseSid({ sids }: Pocket, random: () => number): string {
  const dice = random()
  const newest = sids.at(-1)
  if (newest === undefined || dice < 0.1) return forge(random, newest)
  if (dice < 0.2) return sids[0] ?? newest
  if (dice < 0.5) return pick(sids.slice(-30), random)
  return newest
}

/** Of the right form, and either made up or one character away from a real one. */
function forge(random: () => number, real?: string): string {
  if (real !== undefined && random() < 0.5) {
    const at = Math.floor(random() * (real.length - 2)) // the last character also carries padding bits
    return real.slice(0, at) + (real[at] === 'A' ? 'B' : 'A') + real.slice(at + 1)
  }
  const text = (length: number) => Array.from({ length }, () => pick([...ALPHABET], random)).join('')
  return `${text(16)}.${text(43)}.${text(43)}`
}

function pickInstance({ instances, random }: Load): number {
  return Math.floor(random() * instances)
}

export function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
