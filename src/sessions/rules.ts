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

/** A login that wants to be a session. `session.epoch` is its login number. */
type LoginRequest = {
  session: LiveSession
  policy: LimitPolicy
  /** The session that this browser already had, by its cookie: it is replaced first, and counts nowhere. */
  ownSecretHash: string | null
  /** The public id of the session that the user chose to end (`ask`). */
  replace: string | null
}

/**
 * What a login leads to. `superseded`: later logins have all the places, or had its own. `ended`: it was done before, and its session
 * has ended since, by no login. `outdated`: its number is used up, and it needs a higher one. `full`: the policy lets it replace nobody.
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
  // A login that comes again does not bring back the session that it was before, unless the store has lost that.
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
      ended: remember(endings, earlier, now),
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
  const named = onLimit === 'refuse' ? null : replace // otherwise a login could get round the refusal
  const chosen = others.filter((s) => s.id === named)
  const rest = others.filter((s) => s.id !== named)
  const surplus = rest.length + 1 - limit
  if (surplus <= 0) return chosen
  if (onLimit === 'replace') return [...chosen, ...rest.slice(0, surplus)]
  if (onLimit === 'ask') return null
  // One that was seen in a time to come was seen before the clock was set back.
  const unseen = rest.filter((s) => Math.abs(now - s.lastSeenAt) >= seenFor(s, refuseWhileSeen))
  return unseen.length >= surplus ? [...chosen, ...unseen.slice(0, surplus)] : null
}

/** A session that was never used since its login may belong to nobody: the answer to the login can have got lost. */
function seenFor({ createdAt, lastSeenAt }: LiveSession, refuseWhileSeen: number): number {
  return lastSeenAt === createdAt ? Math.min(refuseWhileSeen, UNUSED_FOR) : refuseWhileSeen
}

/**
 * The record as it is at `now`: sessions past a deadline have ended, and so have the oldest logins above `limit`, which is
 * how a lowered limit reaches sessions that are already running. Logins are counted as they are stored, whether they have
 * expired since or not: an old one that was above the limit is not to come back when a newer one ends. The same object if
 * nothing changed.
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
  return { ...record, live, ended: remember(endings, record.ended, now) }
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
  // Later than its login, so that a session that was used is told from one that never was. But if the clock was set back since,
  // it is not to live until then.
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
    ended: remember(endings, before.ended, now),
  }
}

/**
 * Picks the session that replaced this one, and those that began since. One that was renewed since and began in the same millisecond
 * counts among them: too many end rather than too few.
 */
export function sinceReplaced({ replacedBy, number }: EndedSession) {
  return ({ id, createdAt, epoch }: LiveSession): boolean =>
    replacedBy !== null &&
    (id === replacedBy.sessionId || (createdAt >= replacedBy.at && epoch >= number))
}

/**
 * Brings a record in line with what SQL says of its user under a higher number: roles, data, the password, whether they may
 * sign in at all. This needs nothing but the two, so that whoever finds a change half done can complete it.
 */
export function applyUser(before: SessionRecord, user: NumberedUser, now: number): SessionRecord {
  const record = { ...before, number: Math.max(before.number, user.number), user: sessionUser(user) }
  if (user.deleted) return forgetDevices(end(record, () => true, 'user_deleted', now))
  if (user.disabled) return end(record, () => true, 'user_disabled', now)
  return end(record, (s) => s.epoch < user.credentialNumber, 'password_changed', now)
}

/** Of a deleted user nothing is kept but that there was one: no device, no address, and no other reason than this. */
function forgetDevices(record: SessionRecord): SessionRecord {
  const forget = (s: EndedSession) => ({ ...s, reason: 'user_deleted', replacedBy: null }) as const
  return { ...record, ended: record.ended.map(forget) }
}

/**
 * Gives one session another secret and number; what the old secret opened has ended. Its deadlines stay: this is
 * no new login. Null if it is not live.
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

/** A record with nobody in it. */
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

/** How long a record is worth keeping: as long as any of its sessions may still be asked about. */
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
 * The endings that are kept, newest first. The newest always stay: those of fifty logins at once are all told. Of those before
 * them the sessions that lived shortest are forgotten first: whoever signs in again and again is not to make the device
 * forgotten that was there before.
 */
function remember(
  endings: EndedSession[],
  earlier: readonly EndedSession[],
  now: number,
): readonly EndedSession[] {
  if (endings.length === 0) return earlier
  const kept = [...endings, ...earlier].filter((s) => s.at + ENDED_KEPT_FOR > now)
  const older = kept.slice(NEWEST).toReversed() // of two that lived as long the older goes
  const tooMany = Math.max(0, kept.length - ENDED_KEPT)
  const forgotten = new Set(older.toSorted((a, b) => a.life - b.life).slice(0, tooMany))
  return kept.filter((s) => !forgotten.has(s))
}

/** So many endings stay however short the sessions were. */
const NEWEST = 56

/** Milliseconds by which the clock of one instance may be behind what another wrote down. */
const CLOCK_SKEW = 5_000

/** Milliseconds after which a session that was never used does not stand in the way of a login. */
const UNUSED_FOR = 10_000
