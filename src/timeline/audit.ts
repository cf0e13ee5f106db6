import type { FastifyRequest } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'
import { maskAddress } from '../sessions/address.ts'
import type { EndedSession, Holder, LiveSession } from '../sessions/record.ts'
import type { EventType, Timeline, TimelineEvent } from './timeline.ts'

/** Something that happened to an account: who it concerns, which of their sessions, and who was behind it. */
export type Happening = {
  type: EventType
  userId: string
  session?: Pick<LiveSession, 'id' | 'device' | 'ip'> | null
  by?: TimelineEvent['by']
  /** When, in milliseconds since 1970, if not now. */
  at?: number
}

/** Where something happened: a request, or what stands for one where there is none. */
export type Scene = Pick<FastifyRequest, 'log' | 'ip'>

/** Puts what happened in the log, as one line with the request's id, and on the account's timeline. */
export type Audit = (scene: Scene, happening: Happening) => void

export function auditTo(timeline: Timeline, metrics: Metrics, clock: () => number): Audit {
  return (scene, { type, userId, session = null, by = null, at = clock() }) => {
    scene.log.info(
      { event: type, userId, sessionId: session?.id, ip: scene.ip, by: by?.user ?? undefined },
      type,
    )
    metrics.countEvent(type)
    timeline.record({
      userId,
      type,
      at,
      sessionId: session?.id ?? null,
      device: session?.device ?? null,
      ip: maskAddress(session?.ip ?? scene.ip),
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

/** Tells of a session that ran out, by time or by a lowered limit; nobody asked for it, so there is no request. */
export function auditRunOut(audit: Audit, log: Scene['log']) {
  return (
    holder: Pick<Holder, 'id'>,
    session: LiveSession,
    { reason, at, replacedBy }: EndedSession,
  ): void => {
    // A lowered limit has no moment of its own: it is told when it is seen.
    const when = reason === 'session_replaced' ? {} : { at }
    const by = replacedBy && { device: replacedBy.device, ip: replacedBy.ip, user: null }
    audit({ log, ip: session.ip }, { type: reason, userId: holder.id, session, by, ...when })
  }
}
