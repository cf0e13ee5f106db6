import { decodeHead, decodeLive } from './codec.ts'
import type { LoadedRecord } from './fence.ts'
import { hashPrefix, type LiveSession, type SessionUser } from './record.ts'
import { deadline } from './rules.ts'
import type { SessionState } from './sessions.ts'
import type { SessionKey } from './token.ts'

/**
 * Finds the live session with this hash in the text of a record, without decoding the rest. Null if this is not enough to decide:
 * the record has another stamp, the session is not live, or the user has more sessions than the limit.
 */
export function findLive(
  text: string,
  stamp: string,
  secretHash: string,
  limitFor: (roles: readonly string[]) => number,
  now: number,
): { session: LiveSession; user: SessionUser } | null {
  const at = text.indexOf(`\t${secretHash}\t`)
  if (at < 0) return null
  const start = text.lastIndexOf('\n', at) + 1
  if (text[start] !== '+') return null
  const end = text.indexOf('\n', at)
  const session = decodeLive(text.slice(start, end < 0 ? undefined : end))
  const head = decodeHead(text.slice(0, text.indexOf('\n')))
  if (session?.secretHash !== secretHash || head === null || head.stamp !== stamp) return null
  if (deadline(session) <= now || countLive(text) > limitFor(head.user.roles)) return null
  return { session, user: head.user }
}

function countLive(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n+'); at >= 0; at = text.indexOf('\n+', at + 1)) count++
  return count
}

/** The state of a session in a record when it was loaded; null if the record never had the session, or has forgotten it. */
export function findState({ record, expired }: LoadedRecord, key: SessionKey): SessionState | null {
  if (record === null) return null
  const { user } = record
  const session = record.live.find((s) => s.secretHash === key.secretHash)
  if (session !== undefined) return { state: 'live', session, user, key }
  const prefix = hashPrefix(key.secretHash)
  const ended = record.ended.find((s) => s.hashPrefix === prefix)
  if (ended === undefined) return null
  return { state: 'ended', ended, user, key, stored: expired.every((s) => s.id !== ended.id) }
}

/** The same by the public id. A session keeps its id when its secret changes. */
export function findStateById(
  { record, expired }: LoadedRecord,
  handle: string,
  id: string,
): SessionState | null {
  if (record === null) return null
  const { user } = record
  const session = record.live.find((s) => s.id === id)
  if (session !== undefined) {
    return { state: 'live', session, user, key: { handle, secretHash: session.secretHash } }
  }
  const ended = record.ended.find((s) => s.id === id)
  if (ended === undefined) return null
  const key = { handle, secretHash: ended.hashPrefix }
  return { state: 'ended', ended, user, key, stored: expired.every((s) => s.id !== id) }
}
