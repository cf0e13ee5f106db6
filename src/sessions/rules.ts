import { maskAddress } from './address.ts'
import type { NumberedUser } from './numbers.ts'
import type { LimitPolicy } from './options.ts'
import {
  ENDED_KEPT,
  ENDED_KEPT_FOR,
  type EndedSession,
  type EndReason,
  hashPrefix,
  type LiveSession,
  type SessionRecord,
  type SessionUser,
} from './record.ts'

/** A login, with the session it would make. `session.epoch` is its login number. */
type LoginRequest = {
  session: LiveSession
  policy: LimitPolicy
  /** The session that this browser already had, by its cookie. It is always replaced, and does not count towards the limit. */
  ownSecretHash: string | null
  /** The public id of the session that the user chose to end (`ask`). */
  replace: string | null
}

/**
 * The outcome of a login. `superseded`: later logins have taken all seats, or replaced this login already. `ended`: this login
 * was done before, and its session has ended since, not by a login. `outdated`: the record has its number already, so it needs a
 * higher one. `full`: the policy lets it replace no session.
 */
type LoginOutcome =
  | { kind: 'signed in'; record: SessionRecord; replaced: readonly LiveSession[] }
  | { kind: 'full'; record: SessionRecord; sessions: readonly LiveSession[] }
  | { kind: 'superseded' }
  | { kind: 'ended' }
  | { kind: 'outdated' }

/** Makes a login of `user` a session, as the policy says. */
export function signIn(
  before: SessionRecord,
  user: NumberedUser,
  request: LoginRequest,
  now: number,
): LoginOutcome {
  const { session, policy } = request
  const isOwn = (s: LiveSession) => s.secretHash === request.ownSecretHash || s.id === session.id
  const later = before.live.filter((s) => !isOwn(s) && s.epoch > session.epoch)
  if (later.length >= policy.limit) return { kind: 'superseded' }
  if (session.epoch <= before.number) return { kind: 'outdated' }
  const record = expire(applyUser(before, user, now), policy.limit, now)
  // A login that is sent again does not bring back its session after that ended, unless the store lost it.
  const past = record.ended.find((s) => s.id === session.id && s.reason !== 'session_lost')
  if (past !== undefined) return { kind: past.reason === 'session_replaced' ? 'superseded' : 'ended' }
  const others = record.live.filter((s) => !isOwn(s))
  const replaced = chooseReplaced(others, request, now)
  if (replaced === null) return { kind: 'full', record, sessions: others }
  const gone = record.live.filter((s) => isOwn(s) || replaced.includes(s))
  const endings = gone.filter((s) => s.id !== session.id).map((s) => endedBy(s, session, record.number))
  const earlier = record.ended.filter((s) => s.id !== session.id)
  return {
    kind: 'signed in',
    replaced,
    record: {
      ...record,
      live: [...record.live.filter((s) => !gone.includes(s)), session],
      ended: keepEndings(endings, earlier, now),
    },
  }
}

/** The sessions that a new one replaces, oldest first; null if the policy lets it replace none. */
function chooseReplaced(
  others: readonly LiveSession[],
  { policy, replace }: LoginRequest,
  now: number,
): LiveSession[] | null {
  const { limit, onLimit, refuseWhileSeen } = policy
  const named = onLimit === 'refuse' ? null : replace // a login could bypass the refusal with it
  const chosen = others.filter((s) => s.id === named)
  const rest = others.filter((s) => s.id !== named)
  const surplus = rest.length + 1 - limit
  if (surplus <= 0) return chosen
  if (onLimit === 'replace') return [...chosen, ...rest.slice(0, surplus)]
  if (onLimit === 'ask') return null
  // If the clock was set back, a last use is in the future.
  const unseen = rest.filter((s) => Math.abs(now - s.lastSeenAt) >= seenFor(s, refuseWhileSeen))
  return unseen.length >= surplus ? [...chosen, ...unseen.slice(0, surplus)] : null
}

/**
 * For how long a session has to be unused to be replaced. It is shorter if it was never used: the answer to its login may be
 * lost, so that nobody has it.
 */
function seenFor({ createdAt, lastSeenAt }: LiveSession, refuseWhileSeen: number): number {
  return lastSeenAt === createdAt ? Math.min(refuseWhileSeen, UNUSED_FOR) : refuseWhileSeen
}

/**
 * The record as it is at `now`. Sessions past a deadline have ended, and so have the oldest logins above `limit`, so a lowered
 * limit applies to running sessions. Sessions that are stored as live count, even if they have expired: otherwise an older one
 * above the limit would be live again when a newer one expires. Gives the same object if nothing changed.
 */
export function expire(record: SessionRecord, limit: number, now: number): SessionRecord {
  const surplus = Math.max(0, record.live.length - limit)
  if (surplus === 0 && record.live.every((s) => deadline(s) > now)) return record
  const oldest = record.live[surplus] as LiveSession // there is one: a limit is at least 1
  const endings = record.live.flatMap((s, i) => {
    if (deadline(s) <= now) return [expired(s, record.number)]
    return i < surplus ? [endedBy(s, oldest, record.number)] : []
  })
  const live = record.live.filter((s, i) => i >= surplus && deadline(s) > now)
  return { ...record, live, ended: keepEndings(endings, record.ended, now) }
}

/** Moves the idle deadline of a live session, never past the absolute one; null if it is not live. */
export function touch(
  before: SessionRecord,
  sessionId: string,
  idleTimeout: number,
  now: number,
): SessionRecord | null {
  const session = before.live.find((s) => s.id === sessionId)
  if (session === undefined || deadline(session) <= now) return null
  // This is later than the login, which marks the session as used. But if the clock was set back since, the session must not live
  // until that time.
  const lastSeenAt = Math.max(now, Math.min(session.createdAt, now + CLOCK_SKEW) + 1)
  const idleExpiresAt = Math.min(lastSeenAt + idleTimeout, session.expiresAt)
  const seen = { ...session, lastSeenAt, idleExpiresAt }
  return { ...before, live: before.live.map((s) => (s === session ? seen : s)) }
}

/** Ends the live sessions that `which` picks. */
export function end(
  before: SessionRecord,
  which: (session: LiveSession) => boolean,
  reason: EndReason,
  now: number,
): SessionRecord {
  const gone = before.live.filter(which)
  if (gone.length === 0) return before
  const endings = gone.map((s) => ending(s, reason, now, before.number))
  return {
    ...before,
    live: before.live.filter((s) => !gone.includes(s)),
    ended: keepEndings(endings, before.ended, now),
  }
}

/**
 * Picks the session that replaced this one, and those that began since. A session that was renewed since and began in the same
 * millisecond is picked too: ending too many is safer than too few.
 */
export function sinceReplaced({ replacedBy, number }: EndedSession) {
  return ({ id, createdAt, epoch }: LiveSession): boolean =>
    replacedBy !== null &&
    (id === replacedBy.sessionId || (createdAt >= replacedBy.at && epoch >= number))
}

/**
 * Applies to a record what SQL says of its user under a higher number: roles, data, the password, and whether they may sign in.
 * It needs nothing else, so any instance can complete a change that was cut off.
 */
export function applyUser(before: SessionRecord, user: NumberedUser, now: number): SessionRecord {
  const record = { ...before, number: Math.max(before.number, user.number), user: sessionUser(user) }
  if (user.deleted) return forgetDevices(end(record, () => true, 'user_deleted', now))
  if (user.disabled) return end(record, () => true, 'user_disabled', now)
  return end(record, (s) => s.epoch < user.credentialNumber, 'password_changed', now)
}

/** Removes the devices, addresses and earlier reasons of a deleted user from the record. */
function forgetDevices(record: SessionRecord): SessionRecord {
  const forget = (s: EndedSession) => ({ ...s, reason: 'user_deleted', replacedBy: null }) as const
  return { ...record, ended: record.ended.map(forget) }
}

/**
 * Gives one session another secret and number; the old secret counts as ended. Its deadlines stay, because this is not a new
 * login. Null if it is not live.
 */
export function renew(
  before: SessionRecord,
  secretHash: string,
  as: Pick<LiveSession, 'secretHash' | 'epoch'>,
  now: number,
): SessionRecord | null {
  const session = before.live.find((s) => s.secretHash === secretHash)
  if (session === undefined || deadline(session) <= now) return null
  const ended = end(before, (s) => s === session, 'password_changed', now)
  return { ...ended, live: [...ended.live, { ...session, ...as }] }
}

/** A record without sessions. */
export function emptyRecord(user: NumberedUser): SessionRecord {
  return { number: 0, stamp: '', user: sessionUser(user), live: [], ended: [] }
}

function sessionUser({ id, roles, disabled, deleted, data }: NumberedUser): SessionUser {
  return { id, roles, disabled: disabled || deleted, data }
}

/** The moment at which a session ends by itself. */
export function deadline(session: LiveSession): number {
  return Math.min(session.idleExpiresAt, session.expiresAt)
}

/** Until when to keep a record: as long as the end of one of its sessions is remembered. */
export function keepUntil(record: SessionRecord, now: number): number {
  return Math.max(now, ...record.live.map((s) => s.expiresAt)) + ENDED_KEPT_FOR
}

function endedBy(session: LiveSession, by: LiveSession, number: number): EndedSession {
  return {
    ...ending(session, 'session_replaced', by.createdAt, number),
    replacedBy: {
      ...{ sessionId: by.id, device: by.device, ip: maskAddress(by.ip), at: by.createdAt },
      ...(by.deviceKey === undefined ? {} : { deviceKey: by.deviceKey }),
    },
  }
}

function expired(session: LiveSession, number: number): EndedSession {
  return session.expiresAt <= session.idleExpiresAt
    ? ending(session, 'session_expired', session.expiresAt, number)
    : ending(session, 'session_idle', session.idleExpiresAt, number)
}

function ending(session: LiveSession, reason: EndReason, at: number, number: number): EndedSession {
  const { id, secretHash, createdAt } = session
  const life = Math.max(0, at - createdAt)
  return { id, hashPrefix: hashPrefix(secretHash), reason, at, number, life, replacedBy: null }
}

/**
 * The endings to keep, newest first. The newest always stay, so that even fifty simultaneous logins are all told why. Of the
 * others those of the shortest sessions are forgotten first, so that many quick logins do not make an older device forgotten.
 */
function keepEndings(
  endings: EndedSession[],
  earlier: readonly EndedSession[],
  now: number,
): readonly EndedSession[] {
  if (endings.length === 0) return earlier
  const kept = [...endings, ...earlier].filter((s) => s.at + ENDED_KEPT_FOR > now)
  const older = kept.slice(NEWEST).toReversed() // of two equally long sessions the older is forgotten
  const tooMany = Math.max(0, kept.length - ENDED_KEPT)
  const forgotten = new Set(older.toSorted((a, b) => a.life - b.life).slice(0, tooMany))
  return kept.filter((s) => !forgotten.has(s))
}

/** How many of the newest endings always stay. */
const NEWEST = 56

/** By how many milliseconds the clock of an instance may be behind a time that another instance stored. */
const CLOCK_SKEW = 5_000

/** Milliseconds after which a session that was never used can be replaced under `refuse`. */
const UNUSED_FOR = 10_000
