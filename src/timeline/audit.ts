import type { FastifyRequest } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'
import { maskAddress } from '../sessions/address.ts'
import type { EndedSession, LiveSession } from '../sessions/record.ts'
import type { EventType, Timeline, TimelineEvent } from './timeline.ts'

/** Something that happened to an account: the user, the session, and who did it. */
type AuditEvent = {
  type: EventType
  userId: string
  session?: Pick<LiveSession, 'id' | 'device' | 'ip'> | null
  by?: TimelineEvent['by']
  /** When, in milliseconds since 1970, if not now. */
  at?: number
}

/** Where something happened: a request, or a substitute with the same members. */
type AuditContext = Pick<FastifyRequest, 'log' | 'ip'>

/** Reports what happened to the log, the metrics and the timeline of the account. */
export type Audit = {
  /** Reports to all three. The timeline gets the event a little later; use this for events that must not make a request fail. */
  record(context: AuditContext, event: AuditEvent): void
  /** Reports only to the log and the metrics, for events that are on the timeline already. */
  log(context: AuditContext, event: AuditEvent): void
  /** The event as the timeline stores it, for a change that stores it in its own transaction. */
  toKeep(context: AuditContext, event: Omit<AuditEvent, 'userId'>): Omit<TimelineEvent, 'userId'>
}

export function auditTo(
  timeline: Pick<Timeline, 'record'>,
  metrics: Pick<Metrics, 'countEvent'>,
  clock: () => number,
): Audit {
  function log(context: AuditContext, { type, userId, session, by }: AuditEvent): void {
    const who = { userId, sessionId: session?.id, ip: context.ip, by: by?.user ?? undefined }
    context.log.info({ event: type, ...who }, type)
    metrics.countEvent(type)
  }

  function toKeep(
    context: AuditContext,
    event: Omit<AuditEvent, 'userId'>,
  ): Omit<TimelineEvent, 'userId'> {
    const { type, session = null, by = null, at = clock() } = event
    const ip = maskAddress(session?.ip ?? context.ip)
    return { type, at, sessionId: session?.id ?? null, device: session?.device ?? null, ip, by }
  }

  function record(context: AuditContext, event: AuditEvent): void {
    log(context, event)
    timeline.record({ ...toKeep(context, event), userId: event.userId })
  }

  return { record, log, toKeep }
}

/** Reports a session that ended without a request: by time, by a lowered limit, or because the store lost it. */
export function auditExpired(audit: Audit, log: AuditContext['log']) {
  return (userId: string, session: LiveSession, { reason, at, replacedBy }: EndedSession): void => {
    // A session ends by a lowered limit when that is noticed, so the time is now.
    const when = reason === 'session_replaced' ? {} : { at }
    const by = replacedBy && { device: replacedBy.device, ip: replacedBy.ip, user: null }
    audit.record({ log, ip: session.ip }, { type: reason, userId, session, by, ...when })
  }
}
