import type { Driver } from './driver.ts'
import type { Op } from './history.ts'

/** A session as its client knows it. The id is public. */
export type Known = { sid: string; id: string | null }

/** What all clients of one user know: their sessions, oldest first, and the password as it was last set. */
export type Pocket = { user: string; sessions: Known[]; loginShare: number; password: string }

/** What each move needs besides. */
export type Table = {
  driver: Driver
  instances: number
  random: () => number
  /** The key of a backend, and the ids of the users by name. Null: nobody signs in that way. */
  backend: { key: string; ids: ReadonlyMap<string, string> } | null
}

export function newPocket(user: string, loginShare: number): Pocket {
  return { user, sessions: [], loginShare, password: PASSWORDS[0] }
}

/**
 * Signs in, one time in four by a backend and one in four as an app; one time in five with a cookie from before. If all seats are taken,
 * half the time once more in place of one.
 */
export async function login(table: Table, pocket: Pocket, replace?: string): Promise<Op> {
  const { driver, random } = table
  const { user, password } = pocket
  const byBackend = table.backend !== null && random() < 0.25 ? table.backend : null
  const who =
    byBackend === null ? { username: user, password } : { user: { id: byBackend.ids.get(user) } }
  const device = driver.newDevice()
  const op = await driver.call({
    type: 'login',
    user,
    instance: pickInstance(table),
    sid: random() < 0.2 ? chooseSession(pocket, random).sid : null,
    method: 'POST',
    path: byBackend === null ? '/login' : '/sessions',
    ...(byBackend === null ? {} : { key: byBackend.key }),
    ...(byBackend !== null && random() < 0.5 ? { idempotencyKey: device.replace(' ', '-') } : {}),
    body: {
      ...who,
      device,
      ...(replace === undefined ? {} : { replace }),
      ...(random() < 0.25 ? { transport: 'token' } : {}),
    },
    target: replace ?? null,
  })
  if (op.issued !== null) pocket.sessions.push({ sid: op.issued, id: op.session?.id ?? null })
  if (op.reason === 'invalid_credentials') pocket.password = otherThan(password) // the answer to a change got lost
  if (op.reason === 'session_limit_reached' && replace === undefined && random() < 0.5) {
    return login(table, pocket, pick(op.listed, random)?.id)
  }
  return op
}

/** Asks who it is, with this session or another; `park`: the handler takes so many milliseconds. */
export async function me(
  table: Table,
  pocket: Pocket,
  { park = 0, instance = pickInstance(table), sid = chooseSession(pocket, table.random).sid } = {},
): Promise<Op> {
  const asked = { type: 'me', user: pocket.user, instance, sid, method: 'GET', path: '/me' } as const
  return table.driver.call({ ...asked, ...(park > 0 ? { park } : {}) })
}

export async function logout(table: Table, pocket: Pocket): Promise<void> {
  await act(table, pocket, 'logout', 'POST', '/logout')
}

export async function listSessions(table: Table, pocket: Pocket): Promise<void> {
  await act(table, pocket, 'sessions', 'GET', '/me/sessions')
}

/** Ends one session by its id, its own or another. */
export async function endOne(table: Table, pocket: Pocket): Promise<void> {
  const { id } = chooseSession(pocket, table.random)
  if (id !== null) await act(table, pocket, 'end', 'DELETE', `/me/sessions/${id}`, { target: id })
}

/** Changes the password to the other of two. */
export async function changePassword(table: Table, pocket: Pocket): Promise<void> {
  const currentPassword = pocket.password
  const newPassword = otherThan(currentPassword)
  const body = { currentPassword, newPassword }
  const op = await act(table, pocket, 'password', 'PUT', '/me/password', { body })
  if (op.res === 'ok') pocket.password = newPassword
  const known = pocket.sessions.find(({ sid }) => sid === op.sid)
  if (op.issued !== null) pocket.sessions.push({ sid: op.issued, id: known?.id ?? null })
}

/** Looks with an older session who has replaced it, and says that this was not its owner. */
export async function dispute(table: Table, pocket: Pocket): Promise<void> {
  const { sid } = pick(pocket.sessions.slice(-4), table.random) ?? chooseSession(pocket, table.random)
  const { reason } = await me(table, pocket, { sid })
  if (reason === 'session_replaced')
    await act(table, pocket, 'dispute', 'POST', '/sessions/dispute', { sid })
}

/** Listens to what becomes of the newest session, for some seconds at most, and no longer than until `stopped`. */
export async function listen(
  table: Table,
  { user, sessions }: Pocket,
  stopped: () => boolean,
): Promise<void> {
  const newest = sessions.at(-1)
  if (newest === undefined) return
  const asked = { user, instance: pickInstance(table), sid: newest.sid }
  const end = performance.now() + 300 + table.random() * 6_000
  await table.driver.listen(asked, () => stopped() || performance.now() > end)
}

function act(
  table: Table,
  pocket: Pocket,
  type: Op['type'],
  method: string,
  path: string,
  more: { sid?: string; target?: string; body?: unknown } = {},
): Promise<Op> {
  const sid = chooseSession(pocket, table.random).sid
  const { user } = pocket
  return table.driver.call({ type, user, instance: pickInstance(table), sid, method, path, ...more })
}

/** One of the three newest, one of the last thirty, the oldest, or one that nobody issued. */
export function chooseSession({ sessions }: Pocket, random: () => number): Known {
  const dice = random()
  const newest = sessions.at(-1)
  if (newest === undefined || dice < 0.1) return { sid: forge(random, newest?.sid), id: null }
  if (dice < 0.2) return sessions[0] ?? newest
  if (dice < 0.4) return pick(sessions.slice(-30), random) ?? newest
  if (dice < 0.6) return pick(sessions.slice(-3), random) ?? newest
  return newest
}

/** Of the right form, and either made up or one character away from a real one. */
export function forge(random: () => number, real?: string): string {
  if (real !== undefined && random() < 0.5) {
    const at = Math.floor(random() * (real.length - 2)) // the last character also carries padding bits
    return real.slice(0, at) + (real[at] === 'A' ? 'B' : 'A') + real.slice(at + 1)
  }
  const text = (length: number) => Array.from({ length }, () => pick([...ALPHABET], random)).join('')
  return `${text(16)}.${text(43)}.${text(43)}`
}

function pickInstance({ instances, random }: Table): number {
  return Math.floor(random() * instances)
}

export function pick<T>(from: readonly T[], random: () => number): T | undefined {
  return from[Math.floor(random() * from.length)]
}

function otherThan(password: string): string {
  return PASSWORDS[0] === password ? PASSWORDS[1] : PASSWORDS[0]
}

/** Everybody has the first at the beginning. */
export const PASSWORDS = ['a test needs no secrets', 'and it needs no other one'] as const

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
