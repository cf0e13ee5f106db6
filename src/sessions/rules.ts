import { maskAddress } from './address.ts'
import {
  ENDED_KEPT,
  ENDED_KEPT_FOR,
  type EndedSession,
  type EndReason,
  type Holder,
  hashPrefix,
  type LiveSession,
  type SeatRecord,
} from './record.ts'

/** How many sessions a user may have, and what a login does when all seats are taken. */
export type SeatPolicy = {
  limit: number
  onLimit: 'replace' | 'refuse' | 'ask'
  refuseWhileSeen: number
}

/** A login that wants a seat. `session.epoch` is its login number. */
export type SeatClaim = {
  session: LiveSession
  policy: SeatPolicy
  /** The session this browser already had, by its cookie: it makes way first, and counts nowhere. */
  ownSecretHash: string | null
  /** The public id of the session the user chose to end (`ask`). */
  replace: string | null
}

/** What a claim came to. `stale`: its number is used up, take a higher one; all others are final. */
export type SeatOutcome =
  | { kind: 'seated'; record: SeatRecord; replaced: readonly LiveSession[] }
  | { kind: 'full'; record: SeatRecord; sessions: readonly LiveSession[] }
  | { kind: 'superseded' }
  | { kind: 'stale' }

/** Gives a login its seat, as the policy has it. Pure: the caller swaps the record in, and starts over if it lost. */
export function seat(
  before: SeatRecord | null,
  holder: Holder,
  claim: SeatClaim,
  now: number,
): SeatOutcome {
  const { session, policy } = claim
  const record = settle(before ?? emptyRecord(holder), policy.limit, now)
  if (session.epoch <= record.floor) return { kind: 'superseded' }
  const others = record.live.filter((s) => s.secretHash !== claim.ownSecretHash)
  if (others.filter((s) => s.epoch > session.epoch).length >= policy.limit) return { kind: 'superseded' }
  if (session.epoch <= record.epoch) return { kind: 'stale' }

  const leaving = chooseLeaving(others, claim, now)
  if (leaving === null) {
    return { kind: 'full', record: { ...record, epoch: session.epoch, holder }, sessions: others }
  }
  const gone = record.live.filter((s) => s.secretHash === claim.ownSecretHash || leaving.includes(s))
  return {
    kind: 'seated',
    replaced: leaving,
    record: {
      epoch: session.epoch,
      floor: Math.max(record.floor, ...gone.map((s) => s.epoch)),
      confirmedUnder: record.confirmedUnder,
      holder,
      live: [...record.live.filter((s) => !gone.includes(s)), session],
      ended: remember(
        gone.map((s) => endedBy(s, session)),
        record.ended,
        now,
      ),
    },
  }
}

/** The sessions that make way for a new one, oldest first; null if the policy lets none go. */
function chooseLeaving(
  others: readonly LiveSession[],
  claim: SeatClaim,
  now: number,
): LiveSession[] | null {
  const { limit, onLimit, refuseWhileSeen } = claim.policy
  const named = onLimit === 'refuse' ? null : claim.replace // otherwise anybody could talk their way past the refusal
  const chosen = others.filter((s) => s.id === named)
  const rest = others.filter((s) => s.id !== named)
  const surplus = rest.length + 1 - limit
  if (surplus <= 0) return chosen
  if (onLimit === 'replace') return [...chosen, ...rest.slice(0, surplus)]
  if (onLimit === 'ask') return null
  const unseen = rest.filter((s) => s.lastSeenAt + refuseWhileSeen <= now)
  return unseen.length >= surplus ? [...chosen, ...unseen.slice(0, surplus)] : null
}

/**
 * The record as it stands at `now`: sessions past a deadline have ended, and so have the oldest logins above `limit`, which
 * is how a lowered limit reaches sessions that are already running. Logins are counted as they are stored, whether they
 * have run out since or not: an old one that was above the limit is not to come back when a newer one ends. The same
 * object if nothing changed.
 */
export function settle(record: SeatRecord, limit: number, now: number): SeatRecord {
  const surplus = Math.max(0, record.live.length - limit)
  if (surplus === 0 && record.live.every((s) => deadline(s) > now)) return record
  const oldest = record.live[surplus] as LiveSession // there is one: a limit is at least 1
  const endings = record.live.flatMap((s, i) =>
    deadline(s) <= now ? [lapsed(s)] : i < surplus ? [endedBy(s, oldest)] : [],
  )
  const live = record.live.filter((s, i) => i >= surplus && deadline(s) > now)
  return { ...record, live, ended: remember(endings, record.ended, now) }
}

/** Moves the idle deadline of a live session, never past the absolute one; null if it is not live. */
export function touch(
  before: SeatRecord,
  sessionId: string,
  idleTimeout: number,
  now: number,
): SeatRecord | null {
  const session = before.live.find((s) => s.id === sessionId)
  if (session === undefined || deadline(session) <= now) return null
  const seen = {
    ...session,
    lastSeenAt: now,
    idleExpiresAt: Math.min(now + idleTimeout, session.expiresAt),
  }
  return { ...before, live: before.live.map((s) => (s === session ? seen : s)) }
}

/** Ends the live sessions that `which` picks. */
export function end(
  before: SeatRecord,
  which: (session: LiveSession) => boolean,
  reason: EndReason,
  now: number,
): SeatRecord {
  const gone = before.live.filter(which)
  if (gone.length === 0) return before
  return {
    ...before,
    live: before.live.filter((s) => !gone.includes(s)),
    ended: remember(
      gone.map((s) => ending(s, reason, now)),
      before.ended,
      now,
    ),
  }
}

/** Ends everybody who signed in before `number`, and shuts out the logins with a lower one that have yet to claim. */
export function closeBelow(
  before: SeatRecord,
  number: number,
  reason: EndReason,
  now: number,
): SeatRecord {
  const ended = end(before, (s) => s.epoch < number, reason, now)
  return { ...ended, floor: Math.max(before.floor, number - 1) }
}

/**
 * Lets one session go on under a new secret, id and number; what the old secret opened has ended for `reason`. Its
 * deadlines stay: this is no new login. Null if it is not live.
 */
export function renew(
  before: SeatRecord,
  secretHash: string,
  as: Pick<LiveSession, 'id' | 'secretHash' | 'epoch'>,
  reason: EndReason,
  now: number,
): SeatRecord | null {
  const session = before.live.find((s) => s.secretHash === secretHash)
  if (session === undefined || deadline(session) <= now) return null
  const ended = end(before, (s) => s === session, reason, now)
  return { ...ended, live: [...ended.live, { ...session, ...as }] }
}

/** A record with nobody in it. */
export function emptyRecord(holder: Holder): SeatRecord {
  return { epoch: 0, floor: 0, confirmedUnder: '', holder, live: [], ended: [] }
}

/** The moment at which a session is over by itself. */
export function deadline(session: LiveSession): number {
  return Math.min(session.idleExpiresAt, session.expiresAt)
}

/** How long a record is worth keeping: as long as any of its sessions may still be asked about. */
export function keepUntil(record: SeatRecord, now: number): number {
  return Math.max(now, ...record.live.map((s) => s.expiresAt)) + ENDED_KEPT_FOR
}

function endedBy(session: LiveSession, by: LiveSession): EndedSession {
  return {
    ...ending(session, 'session_replaced', by.createdAt),
    replacedBy: { sessionId: by.id, device: by.device, ip: maskAddress(by.ip), at: by.createdAt },
  }
}

function lapsed(session: LiveSession): EndedSession {
  return session.expiresAt <= session.idleExpiresAt
    ? ending(session, 'session_expired', session.expiresAt)
    : ending(session, 'session_idle', session.idleExpiresAt)
}

function ending(session: LiveSession, reason: EndReason, at: number): EndedSession {
  return { id: session.id, hashPrefix: hashPrefix(session.secretHash), reason, at, replacedBy: null }
}

function remember(
  endings: EndedSession[],
  earlier: readonly EndedSession[],
  now: number,
): readonly EndedSession[] {
  if (endings.length === 0) return earlier
  return [...endings, ...earlier].filter((s) => s.at + ENDED_KEPT_FOR > now).slice(0, ENDED_KEPT)
}
