import { pause } from './fault.ts'
import {
  changePassword,
  dispute,
  endOne,
  forge,
  listen,
  listSessions,
  login,
  logout,
  me,
  newPocket,
  type Pocket,
  pick,
  type Table,
} from './moves.ts'

export type Load = Table & {
  users: readonly string[]
  clients: number
  /** Milliseconds that a client waits before it does the next thing. */
  think: number
  idleTimeout: number
  absoluteTimeout: number
  /** Whether the store only knows how to sign in and out, and who it is (see `naive.ts`). */
  plain: boolean
  /** Becomes true when nobody is to sign in any more. */
  settled: () => boolean
  /** Becomes true when the clients are to stop. */
  stopped: () => boolean
}

/**
 * Clients that each take the next thing to do at random: mostly "who am I" with new, recent, old and forged cookies, some of
 * them parked in their handler; logins, endings of all kinds, and bursts on all instances at once. Half the users sign in all
 * the time, the others seldom. Some clients only listen to a stream of events, some leave their session alone until it runs
 * out, and some look all the time what becomes of their last sessions.
 */
export async function generate(load: Load): Promise<void> {
  const pockets = load.users.map((user, i) => newPocket(user, isBusy(i) ? 0.06 : 0.01))
  await Promise.all(pockets.map((pocket) => login(load, pocket)))
  await Promise.all([
    ...Array.from({ length: load.clients }, () => busyClient(load, pockets)),
    ...(load.plain ? [] : [listener(load, pockets), listener(load, pockets)]),
    idleClient(load, 'idler'),
    oldClient(load, 'elder'),
    ...WATCHED.map((user) => watcher(load, user)),
  ])
}

/** Those of them whose last sessions are looked at all the time. */
export const WATCHED = ['watched0', 'watched1', 'watched2'] as const

/** Users beyond `Load.users` that `generate` needs. */
export const LONERS = ['idler', 'elder', ...WATCHED] as const

/** Whether the user with this number signs in all the time. What an administrator does happens to them, and to `WATCHED`. */
export function isBusy(i: number): boolean {
  return i % 2 === 0
}

async function busyClient(load: Load, pockets: readonly Pocket[]): Promise<void> {
  while (!load.stopped()) {
    const op = await move(load, pick(pockets, load.random) as Pocket)
    // A refused connection is answered in no time; a client that did not wait then would do nothing else.
    const wait = op === 0 ? 20 : load.think
    if (wait > 0) await pause(wait)
  }
}

/** Does one thing, and gives the status of what was answered last. */
async function move(load: Load, pocket: Pocket): Promise<number | undefined> {
  const { random, plain } = load
  const { loginShare } = pocket
  const dice = random()
  const ending = (dice - BURSTS - loginShare) / loginShare // from 0 on: which, and below 1
  if (dice < BURSTS + loginShare && load.settled()) await me(load, pocket)
  else if (dice < 0.001) await Promise.all(Array.from({ length: 6 }, () => login(load, pocket)))
  else if (dice < BURSTS) await everywhere(load, pocket)
  else if (dice < BURSTS + loginShare) await login(load, pocket)
  else if (ending < 0.33) await logout(load, pocket)
  else if (ending < 0.4 && !plain) await endOne(load, pocket)
  else if (ending < 0.45 && !plain) await changePassword(load, pocket)
  else if (ending < 0.55 && !plain) await dispute(load, pocket)
  else if (dice > 0.98 && !plain) await listSessions(load, pocket)
  else if (dice < 0.9) await me(load, pocket)
  else await me(load, pocket, { park: random() < 0.25 ? Math.floor(random() * 300) : 0 })
  return load.driver.ops.at(-1)?.code
}

/** Where in the dice the usual logins begin. */
const BURSTS = 0.003

async function everywhere(load: Load, pocket: Pocket): Promise<void> {
  const sid = pocket.sessions.at(-1)?.sid ?? forge(load.random)
  await Promise.all(
    Array.from({ length: load.instances }, (_, instance) => me(load, pocket, { instance, sid })),
  )
}

/** Listens with the newest session of somebody, one after the other. */
async function listener(load: Load, pockets: readonly Pocket[]): Promise<void> {
  while (!load.stopped()) {
    await listen(load, pick(pockets, load.random) as Pocket, load.stopped)
    await pause(50)
  }
}

/** Signs in now and then, and asks everywhere with the newest session and the three before it. */
async function watcher(load: Load, user: string): Promise<void> {
  const pocket = newPocket(user, 1)
  while (!load.stopped()) {
    if (!load.settled()) await login(load, pocket)
    const end = performance.now() + 1_500 + load.random() * 2_500
    while (performance.now() < end && !load.stopped()) {
      for (const { sid } of pocket.sessions.slice(-4)) await me(load, pocket, { sid })
      await pause(30)
    }
  }
}

/** Signs in, and comes back shortly before or after the session ran out unused. */
async function idleClient(load: Load, user: string): Promise<void> {
  while (!load.stopped()) {
    const pocket = newPocket(user, 1)
    const sid = (await login(load, pocket)).issued
    if (sid !== null) {
      const end = performance.now() + load.idleTimeout * (0.85 + load.random() * 0.3)
      while (performance.now() < end && !load.stopped()) await pause(20)
      await me(load, pocket, { sid })
      await pause(150)
      await me(load, pocket, { sid })
    } else await pause(100)
  }
}

/** Signs in, and uses the session all the time until it is over its absolute age. */
async function oldClient(load: Load, user: string): Promise<void> {
  while (!load.stopped()) {
    const pocket = newPocket(user, 1)
    const sid = (await login(load, pocket)).issued
    const end = performance.now() + load.absoluteTimeout + 500
    while (sid !== null && performance.now() < end && !load.stopped()) {
      await me(load, pocket, { sid })
      await pause(load.idleTimeout / 8)
    }
    if (sid === null) await pause(100)
  }
}
