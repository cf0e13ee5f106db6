import type { LimitPolicy } from '../../../src/sessions/options.ts'
import type { EndReason } from '../../../src/sessions/record.ts'

/** A session as the model has it: everything that ever was, and what became of it. */
export type ModelSession = {
  token: string
  id: string
  createdAt: number
  lastSeenAt: number
  /** `isLowered`: by a limit that was lowered, not by a login. */
  ended: { reason: EndReason; by: string | null; isLowered?: boolean } | null
}

/** A user as the model has them; `sessions` in the order of their logins. */
export type ModelUser = {
  roles: string[]
  disabled: boolean
  sessions: ModelSession[]
}

export const IDLE = 30 * 60_000
export const ABSOLUTE = 4 * 60 * 60_000
const TOUCH = 60_000

/** Who is signed in at `now`. What has run out by then is marked first. */
export function liveAt(user: ModelUser, now: number): ModelSession[] {
  for (const session of user.sessions) {
    if (session.ended !== null || now < idleDeadline(session)) continue
    const isOld = idleDeadline(session) === session.createdAt + ABSOLUTE
    session.ended = { reason: isOld ? 'session_expired' : 'session_idle', by: null }
  }
  return user.sessions.filter((session) => session.ended === null)
}

export function idleDeadline({ lastSeenAt, createdAt }: ModelSession): number {
  return Math.min(lastSeenAt + IDLE, createdAt + ABSOLUTE)
}

export function endAll(sessions: ModelSession[], reason: EndReason, by: string | null = null): void {
  for (const session of sessions) session.ended = { reason, by }
}

/** Whom a login would send away, oldest first; null if it is refused. */
export function leavingFor(
  user: ModelUser,
  own: ModelSession | null,
  named: string | null,
  policy: LimitPolicy,
  now: number,
): ModelSession[] | null {
  const others = liveAt(user, now).filter((session) => session !== own)
  const chosen = others.filter(({ id }) => policy.onLimit !== 'refuse' && id === named)
  const rest = others.filter((session) => !chosen.includes(session))
  const missing = rest.length + 1 - policy.limit
  if (missing <= 0) return chosen
  if (policy.onLimit === 'ask') return null
  const mayGo =
    policy.onLimit === 'replace'
      ? rest
      : rest.filter((session) => now - session.lastSeenAt >= seenFor(session, policy))
  return mayGo.length < missing ? null : [...chosen, ...mayGo.slice(0, missing)]
}

/** The oldest logins above a limit are out, by the oldest that stays. */
export function lower(user: ModelUser, limit: number, now: number): void {
  const live = liveAt(user, now)
  const stays = live.slice(-limit)
  const by = stays[0]?.id ?? null
  for (const session of live.slice(0, -limit)) {
    session.ended = { reason: 'session_replaced', by, isLowered: true }
  }
}

/** One that was never used does not stand in the way for long. */
function seenFor({ createdAt, lastSeenAt }: ModelSession, { refuseWhileSeen }: LimitPolicy): number {
  return createdAt === lastSeenAt ? Math.min(10_000, refuseWhileSeen) : refuseWhileSeen
}

/** A request is made: the session is seen, at most once a minute; with `refuse` also when it is used for the first time. */
export function see(session: ModelSession, { onLimit }: LimitPolicy, now: number): void {
  const isFirst = onLimit === 'refuse' && session.lastSeenAt === session.createdAt
  if (isFirst || now - session.lastSeenAt >= TOUCH)
    session.lastSeenAt = Math.max(now, session.createdAt + 1)
}
