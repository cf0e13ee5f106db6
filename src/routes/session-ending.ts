import { isoTime } from '../fastify/iso-time.ts'
import type { LiveSession } from '../sessions/record.ts'

/** Announces that a session is about to expire: when, and with which code. */
export type SessionEnding = { code: 'session_idle' | 'session_expired'; at: string }

/**
 * The end of a session, if it is near: within a minute, or most of a shorter idle time, so that each use counts. A use moves the
 * end if the code is `session_idle`, but not if it is `session_expired`.
 */
export function endingOf(session: LiveSession, now: number): SessionEnding | null {
  const { idleExpiresAt: at, lastSeenAt, expiresAt } = session
  if (at - now > Math.min(NOTICE, 0.9 * (at - lastSeenAt))) return null
  return { code: at < expiresAt ? 'session_idle' : 'session_expired', at: isoTime(at) }
}

/** Milliseconds. */
const NOTICE = 60_000
