import { isoTime } from '../fastify/iso-time.ts'
import type { LiveSession } from '../sessions/record.ts'

/** What is told of a session that is about to end by the clock: the code that it will end with, and when. */
export type SessionEnding = { code: 'session_idle' | 'session_expired'; at: string }

/**
 * The end of a session, if it is near: a minute away, or most of a shorter idle time, so that each use counts. A use puts off
 * `session_idle`, and nothing puts off `session_expired`.
 */
export function endingOf(session: LiveSession, now: number): SessionEnding | null {
  const { idleExpiresAt: at, lastSeenAt, expiresAt } = session
  if (at - now > Math.min(NOTICE, 0.9 * (at - lastSeenAt))) return null
  return { code: at < expiresAt ? 'session_idle' : 'session_expired', at: isoTime(at) }
}

/** Milliseconds. */
const NOTICE = 60_000
