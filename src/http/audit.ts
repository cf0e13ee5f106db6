import type { FastifyRequest } from 'fastify'
import type { Metrics } from '../metrics.ts'
import { maskAddress } from '../sessions/mask.ts'
import type { LiveSession } from '../sessions/record.ts'
import type { EventType, Timeline, TimelineEvent } from '../timeline/timeline.ts'

/** Something that happened to an account: who it concerns, which of their sessions, and who was behind it. */
export type Happening = {
  type: EventType
  userId: string
  session?: Pick<LiveSession, 'id' | 'device' | 'ip'> | null
  by?: TimelineEvent['by']
}

/** Puts what happened in the log, as one line with the request's id, and on the account's timeline. */
export type Audit = (request: FastifyRequest, happening: Happening) => void

export function auditTo(timeline: Timeline, metrics: Metrics, clock: () => number): Audit {
  return (request, { type, userId, session = null, by = null }) => {
    request.log.info(
      { event: type, userId, sessionId: session?.id, ip: request.ip, by: by?.user ?? undefined },
      type,
    )
    metrics.countEvent(type)
    timeline.record({
      userId,
      type,
      at: clock(),
      sessionId: session?.id ?? null,
      device: session?.device ?? null,
      ip: maskAddress(session?.ip ?? request.ip),
      by,
    })
  }
}

/** The device behind an event, as the one it concerns may know it. */
export function byDevice(session: Pick<LiveSession, 'device' | 'ip'>): TimelineEvent['by'] {
  return { device: session.device, ip: maskAddress(session.ip), user: null }
}

/** The administrator behind an event. */
export function byUser(username: string): TimelineEvent['by'] {
  return { device: null, ip: null, user: username }
}
