import type { History, Op, ShownSession } from './history.ts'
import { findViolations } from './rules.ts'

/**
 * An operation of ann, for histories written by hand; `at` is when it began and ended. `cookie` is the one that was sent, or of a
 * login the one that came back; a device and a public id have its name as well.
 */
export function op(
  type: Op['type'],
  cookie: string | null,
  at: [number, number],
  more: Partial<Op> = {},
): Op {
  const isLogin = type === 'login'
  const issued = isLogin ? cookie : (more.issued ?? null)
  const [t0, t1] = at
  return {
    type,
    user: 'ann',
    instance: 0,
    sid: isLogin ? null : cookie,
    issued,
    who: isLogin || type === 'me' ? 'ann' : null,
    t0,
    t1,
    code: 200,
    reason: null,
    res: 'ok',
    cookies: issued === null ? 0 : 1,
    mayRepeat: false,
    device: isLogin ? cookie : null,
    password: isLogin ? 'first' : null,
    target: null,
    session: isLogin && cookie !== null ? shown(cookie) : null,
    listed: [],
    replacedBy: null,
    ...more,
  }
}

/** How a session is shown in an answer; each was made at a time of its own. */
export function shown(name: string): ShownSession {
  return { id: `id of ${name}`, device: name, createdAt: name.charCodeAt(0) }
}

/** A refusal for this reason. */
export function denied(reason = 'logged_out', by: string | null = null): Partial<Op> {
  const replacedBy = by === null ? null : { device: by, at: shown(by).createdAt }
  return { res: 'denied', code: 401, who: null, reason, replacedBy }
}

/** Nobody knows what came of it. */
export const unknown = {
  res: 'info',
  code: 503,
  who: null,
  issued: null,
  cookies: 0,
  session: null,
} as const satisfies Partial<Op>

/** The rules that these operations break. */
export function broken(ops: readonly Op[], more: Partial<History> = {}): string[] {
  const history: History = { ...CALM, ...more, ops }
  return findViolations(history).map(({ rule }) => rule)
}

/** A run in which nothing went wrong. */
export const CALM: Omit<History, 'ops'> = {
  windows: [],
  believed: [],
  sqlAway: [],
  tellsOthers: true,
  idleTimeout: 1_000,
  absoluteTimeout: 5_000,
  policy: { limit: 1, onLimit: 'replace', refuseWhileSeen: 0 },
  lost: { records: false, sql: false, numbers: false },
}
