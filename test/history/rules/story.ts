import type { History, Op, Window } from '../history.ts'
import type { Births } from './births.ts'

/** A session under one cookie, with everything that was done with it, each list in order of `t0`. */
export type Story = {
  sid: string
  /** What gave the cookie: a login, or a change of password, which lets a session go on under a new one. */
  born: Op
  /** The login that the session began with. */
  login: Op
  /** The same session under its cookie before. */
  before: Story | null
  /** Answers that only a live session gets. */
  accepted: Op[]
  denied: Op[]
  /** All that may have counted as use. */
  used: Op[]
}

/** What happened to one user. `byType`: what happened or may have. */
export type Person = {
  ops: Op[]
  stories: Story[]
  logins: readonly Op[]
  byType: ReadonlyMap<Op['type'], Op[]>
}

export function collectPeople(history: History, births: Births): Map<string, Person> {
  const stories = collectStories(history, births)
  const byUser = Map.groupBy(stories, ({ login }) => login.user)
  const people = new Map<string, Person>()
  for (const [user, ops] of Map.groupBy(history.ops, (op) => op.user)) {
    const byType = Map.groupBy(ops.filter(mayHaveHappened), (op) => op.type)
    const logins = byType.get('login') ?? []
    people.set(user, { ops, stories: byUser.get(user) ?? [], logins, byType })
  }
  return people
}

function collectStories({ ops, believed }: History, births: Births): Story[] {
  const stories = new Map<string, Story>()
  for (const [sid, born] of [...births].sort(([, a], [, b]) => a.t1 - b.t1)) {
    const before = born.type === 'login' ? null : (stories.get(born.sid ?? '') ?? null)
    const login = before?.login ?? born
    stories.set(sid, { sid, born, login, before, accepted: [], denied: [], used: [] })
  }
  const byDevice = Map.groupBy(stories.values(), ({ login }) => login.device)
  for (const op of ops.toSorted((a, b) => a.t0 - b.t0)) {
    if (op.type === 'sessions' && !overlaps(op, believed)) {
      // Who is in the list lives, whoever asks for it; under which of two cookies, it does not say.
      for (const shown of op.listed) {
        const [story, other] = byDevice.get(shown.device) ?? []
        if (story !== undefined && other === undefined && story.sid !== op.sid) story.accepted.push(op)
      }
    }
    const story = op.sid === null ? undefined : stories.get(op.sid)
    if (story === undefined || op.type === 'login') continue
    if (op.res !== 'denied' && op.type !== 'ended') story.used.push(op)
    if (isAccepted(op) && !overlaps(op, believed)) story.accepted.push(op)
    else if (op.res === 'denied') story.denied.push(op)
  }
  return [...stories.values()]
}

/**
 * The answer could only be given to a live session: what was asked for, or a refusal that comes after the guard. Anybody is
 * answered when they sign in or out.
 */
export function isAccepted(op: Op): boolean {
  if (op.type === 'login' || op.type === 'logout' || op.type === 'ended' || op.sid === null) return false
  if (op.type === 'dispute') return op.reason === 'nothing_to_dispute'
  return op.res === 'ok' || AFTER_THE_GUARD.has(op.reason ?? '')
}

const AFTER_THE_GUARD = new Set(['forbidden', 'not_found', 'invalid_credentials', 'last_admin'])

/** Whether an answer to `op` may be about this cookie. A stream is of the session, under whichever cookie that goes on. */
export function isCookieOf(
  sid: string | null,
  op: Op,
  { login, sid: own }: Story,
  { stories }: Person,
): boolean {
  if (op.type !== 'ended') return sid === own
  return stories.some((other) => other.sid === sid && other.login === login)
}

/** It happened, or nobody knows; then it may also happen later than its answer got lost. */
export function mayHaveHappened(op: Op): boolean {
  return op.res === 'ok' || op.res === 'info'
}

/** When an operation had happened at the latest. */
export function latest(op: Op): number {
  return op.res === 'info' ? Number.POSITIVE_INFINITY : op.t1
}

export function overlaps(op: Op, windows: readonly Window[]): boolean {
  return windows.some(({ from, to }) => op.t0 <= to && from <= op.t1)
}
