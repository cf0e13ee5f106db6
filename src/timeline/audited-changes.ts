import type { FastifyBaseLogger } from 'fastify'
import { all, type Sql, type Transaction } from '../database/sql.ts'
import type { SqlNumbers } from '../database/sql-numbers.ts'
import { queriesFor } from '../database/tables.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { maskAddress } from '../sessions/address.ts'
import type { Changes, ClosedChange } from '../sessions/numbers.ts'
import { type AuditNote, readNote } from './note.ts'
import { changeEventId } from './sql-timeline.ts'
import type { EventType, Timeline, TimelineEvent } from './timeline.ts'

type Told = { note: AuditNote; events: (TimelineEvent & { id: string })[] }

type Audited = {
  db: Sql
  numbers: SqlNumbers
  timeline: Timeline
  metrics: Metrics
  log: Pick<FastifyBaseLogger, 'info'>
}

/**
 * `Changes` that also writes to the timeline what each change did, in the transaction that closes the change. Only one
 * transaction closes it, so no event is lost or written twice, even if another instance completes the change.
 */
export function auditedChanges({ db, numbers, timeline, metrics, log }: Audited): Changes {
  const queries = queriesFor(db)

  function* closeAndTell(done: readonly ClosedChange[]): Transaction<Told[]> {
    const closed = yield* numbers.parts.close(done)
    const told = closed.map(eventsOf)
    yield* timeline.keep(told.flatMap(({ events }) => events))
    for (const { kind, userId, did } of closed) {
      if (kind !== 'login' || did?.started == null) continue
      const update = queries.updateTable('oneseat_accounts').set({ last_login_at: did.at })
      yield* all(
        update
          .where('user_id', '=', userId)
          .where((eb) => eb.or([eb('last_login_at', 'is', null), eb('last_login_at', '<', did.at)])),
      )
    }
    return told
  }

  return {
    ...numbers.changes,
    async close(done) {
      const told = await db.transaction(() => closeAndTell(done))
      for (const { note, events } of told) {
        for (const event of events) {
          logEvent(log, event, note)
          metrics.countEvent(event.type)
        }
      }
    },
  }
}

/** The events of a change, in order: what was changed, which sessions ended, which session began. */
function eventsOf(change: ClosedChange): Told {
  const { did, number, userId } = change
  const note = readNote(change.note)
  if (did === null) return { note, events: [] }
  const events: TimelineEvent[] = note.events.map((type) => ({
    ...{ userId, type, at: did.at, sessionId: note.sessionId, device: note.device },
    ...{ ip: mask(note.ip), by: note.by },
  }))
  for (const session of did.ended) {
    if (ONE_EVENT_FOR_ALL.has(session.reason)) continue
    const { replacedBy } = session
    events.push({
      userId,
      type: session.reason as EventType, // every end reason is also an event type
      at: session.at,
      sessionId: session.id,
      device: session.device,
      ip: mask(session.ip),
      by: replacedBy === null ? note.by : { device: replacedBy.device, ip: replacedBy.ip, user: null },
    })
  }
  if (change.kind === 'login' && did.started !== null) {
    const { id, device, ip } = did.started
    const newDevice = note.newDevice === null ? {} : { newDevice: note.newDevice }
    const where = { sessionId: id, device, ip: mask(ip), by: note.by, ...newDevice }
    events.push({ userId, type: 'login', at: did.at, ...where })
  }
  const withId = (event: TimelineEvent, nth: number) => {
    return { ...event, id: changeEventId(event.at, userId, number, nth) }
  }
  return { note, events: events.map(withId) }
}

function logEvent(log: Audited['log'], event: TimelineEvent, { ip, reqId }: AuditNote): void {
  const { type, userId, sessionId, by } = event
  log.info({ event: type, userId, sessionId, ip, by: by?.user ?? undefined, reqId }, type)
}

function mask(ip: string | null): string | null {
  return ip === null ? null : maskAddress(ip)
}

/** For these reasons there is one event about the account, and none for each session. */
const ONE_EVENT_FOR_ALL: ReadonlySet<string> = new Set([
  'password_changed',
  'user_disabled',
  'user_deleted',
])
