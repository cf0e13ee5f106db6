import type { Effect, OpenChange } from './numbers.ts'
import { hashPrefix, type LiveSession, type SessionRecord } from './record.ts'

/** What a change did, found by comparing the record before and after it. */
export function effectOf(
  before: SessionRecord,
  after: SessionRecord,
  number: number,
  at: number,
): Effect {
  const isLive = new Set(after.live.map((s) => s.id))
  const gone = before.live.filter((s) => !isLive.has(s.id))
  const started = after.live.find(
    (s) => s.epoch === number && !before.live.some(({ id }) => id === s.id),
  )
  return {
    at,
    started: started ?? null,
    ended: gone.flatMap((session) => endingOf(after, session)),
  }
}

function endingOf(after: SessionRecord, session: LiveSession): Effect['ended'] {
  const prefix = hashPrefix(session.secretHash)
  const ending = after.ended.find((s) => s.hashPrefix === prefix)
  if (ending === undefined) return []
  const { id, device, ip } = session
  return [{ id, device, ip, reason: ending.reason, at: ending.at, replacedBy: ending.replacedBy }]
}

/**
 * What a change did that was cut off, by the record as it is now; null for a login that began no session. Any other has done in SQL
 * what its note says, whether it ended sessions or the store has lost them. Less is known of sessions that have ended than of live
 * ones. It was done when the record says so; `begunAt` is when it began, for one that left no time there.
 */
export function effectFound(record: SessionRecord, change: OpenChange, begunAt: number): Effect | null {
  const { kind, sessionId, number } = change
  const live = record.live.find((s) => s.id === sessionId)
  const past = record.ended.find((s) => s.id === sessionId)
  const started = live ?? (past === undefined ? null : { id: past.id, device: null, ip: null })
  const ended = record.ended
    .filter((s) => s.number === number)
    .map((s) => ({ ...s, device: null, ip: null }))
  if (kind === 'login' && started === null) return null
  const startedAt = live?.createdAt ?? (past === undefined ? null : past.at - past.life)
  return { at: startedAt ?? ended[0]?.at ?? begunAt, started, ended }
}
