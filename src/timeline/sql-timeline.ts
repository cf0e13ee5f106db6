import { hash } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Selectable } from 'kysely'
import { usernameOf } from '../accounts/account-rows.ts'
import { all, type Sql, type Transaction } from '../database/sql.ts'
import { queriesFor, type TimelineRow } from '../database/tables.ts'
import type { RandomBytes } from '../sessions/token.ts'
import type { KeptEvent, Timeline, TimelineEvent } from './timeline.ts'

type TimelineOptions = {
  random: RandomBytes
  /** Events are forgotten after this many milliseconds. */
  retention: number
  /** Called for events that could not be stored. */
  onLost: (error: unknown, count: number) => void
  /** Called for events, in the transaction that stores them. */
  tell?: (events: readonly KeptEvent[]) => Transaction<void>
  /** How long a stop waits for a slow database, milliseconds. */
  patience?: number
}

/** A timeline in SQL. `record` writes events after their requests, in groups: events wait while others are written. */
export function sqlTimeline(db: Sql, options: TimelineOptions): Timeline {
  const { random, retention, onLost, tell = nobody, patience = 5_000 } = options
  const queries = queriesFor(db)
  const waiting: ReadRow[] = []
  let ids = 0
  /** One statement runs at a time. If the database is slow, `waiting` grows up to its limit. */
  let writing = Promise.resolve()

  return {
    record(event) {
      if (waiting.length >= WAITING_MAX) {
        onLost(new Error('too many events are waiting'), 1)
        return
      }
      waiting.push(toRow(event, eventId(event.at, ids++, random)))
      if (waiting.length === 1) writing = writing.then(writeWaiting)
    },

    keep,

    async list(userId, { before, limit }) {
      const rows = await db.run(
        queries
          .selectFrom('oneseat_timeline')
          .leftJoin('oneseat_users', 'oneseat_users.id', 'by_user')
          .selectAll('oneseat_timeline')
          .select(['oneseat_users.data as by_data', 'deleted_at'])
          .where('oneseat_timeline.user_id', '=', userId)
          .$if(before !== null, (select) => select.where('oneseat_timeline.id', '<', before ?? ''))
          .orderBy('oneseat_timeline.id', 'desc')
          .limit(limit),
      )
      return rows.map(({ by_data, deleted_at, ...row }) => {
        return toEvent({
          ...row,
          by_name: deleted_at === null ? (usernameOf(by_data) ?? row.by_user) : null,
        })
      })
    },

    flush: () => writing,

    forgetSome,

    async close() {
      await Promise.race([writing, pause(patience, undefined, { ref: false })])
      const late = waiting.splice(0)
      if (late.length > 0) onLost(new Error('the database did not take them in time'), late.length)
    },
  }

  async function writeWaiting(): Promise<void> {
    await nextTurn()
    while (waiting.length > 0) {
      const rows = waiting.splice(0, BATCH)
      await db.transaction(() => keepRows(rows)).catch((error) => onLost(error, rows.length))
    }
  }

  function* keep(events: readonly (TimelineEvent & { id?: string })[]): Transaction<void> {
    const rows = events.map(({ id, ...event }) => {
      return toRow(event, id ?? eventId(event.at, ids++, random))
    })
    yield* keepRows(rows)
  }

  function* keepRows(rows: readonly ReadRow[]): Transaction<void> {
    for (let start = 0; start < rows.length; start += BATCH) {
      const some = yield* withoutDeleted(rows.slice(start, start + BATCH))
      if (some.length === 0) continue
      const kept = new Set((yield* all(insert(some).returning('id'))).map(({ id }) => id))
      yield* tell(some.filter(({ id }) => kept.has(id)).map(toEvent))
    }
  }

  /** Drops events of a deleted user except the deletion: a request of theirs may have been under way. */
  function* withoutDeleted(rows: readonly ReadRow[]): Transaction<ReadRow[]> {
    const ids = [...new Set(rows.map((row) => row.user_id))]
    const users = queries.selectFrom('oneseat_users').select('id').where('id', 'in', ids)
    const deleted = new Set((yield* all(users.where('deleted_at', 'is not', null))).map(({ id }) => id))
    return rows.filter((row) => row.type === 'user_deleted' || !deleted.has(row.user_id))
  }

  function insert(rows: ReadRow[]) {
    const values = rows.map(({ by_name: _, ...row }) => row)
    const into = queries.insertInto('oneseat_timeline').values(values)
    return into.onConflict((clash) => clash.column('id').doNothing())
  }

  /** By the database's clock: that of one machine may be wrong, and take the timeline of everybody with it. */
  async function forgetSome(limit: number): Promise<number> {
    const [row] = await db.run(queries.selectNoFrom(db.now.as('now')))
    const old = queries
      .selectFrom('oneseat_timeline')
      .select('id')
      .where('id', '<', timeKey((row?.now ?? 0) - retention))
      .orderBy('id')
      .limit(limit)
    const gone = await db.run(
      queries.deleteFrom('oneseat_timeline').where('id', 'in', old).returning('id'),
    )
    return gone.length
  }
}

function* nobody(): Transaction<void> {}

/**
 * Makes an id that sorts by time, and within a millisecond in the order of this instance. The random part distinguishes
 * instances.
 */
function eventId(at: number, count: number, random: RandomBytes): string {
  return timeKey(at) + (count % COUNTS).toString(36).padStart(4, '0') + random(4).toString('hex')
}

/** The id of the nth event of a change. It is the same on every instance, so that the event is stored only once. */
export function changeEventId(at: number, userId: string, number: number, nth: number): string {
  const mark = hash('sha256', `${userId} ${number} ${nth}`, 'hex').slice(0, 8)
  return timeKey(at) + ((number * 16 + Math.min(nth, 15)) % COUNTS).toString(36).padStart(4, '0') + mark
}

/** The time in nine characters of base 36, which is enough until the year 5188. */
function timeKey(at: number): string {
  return Math.max(0, Math.round(at)).toString(36).padStart(9, '0')
}

function toRow(event: TimelineEvent, id: string): ReadRow {
  return {
    id,
    user_id: event.userId,
    type: event.type,
    at: event.at,
    session_id: event.sessionId,
    ip: event.ip,
    device: event.device === null ? null : JSON.stringify(event.device),
    ...toBy(event.by),
    new_device: event.newDevice === undefined ? null : Number(event.newDevice),
  }
}

/** Stores `by` without the name of a user. */
function toBy(by: TimelineEvent['by']): Pick<ReadRow, 'by_whom' | 'by_user' | 'by_name'> {
  if (by === null) return { by_whom: null, by_user: null, by_name: null }
  const { userId = null, user, ...rest } = by
  const whom = JSON.stringify({ ...rest, user: userId === null ? user : null })
  return { by_whom: whom, by_user: userId, by_name: user }
}

function readBy(row: ReadRow): TimelineEvent['by'] {
  const by = row.by_whom === null ? null : (JSON.parse(row.by_whom) as KeptEvent['by'])
  return by === null || row.by_user === null ? by : { ...by, user: row.by_name ?? DELETED_USER }
}

type ReadRow = Selectable<TimelineRow> & { by_name: string | null }

/** This cannot be a username, because of the space. */
const DELETED_USER = 'deleted user'

function toEvent(row: ReadRow): KeptEvent {
  return {
    id: row.id,
    userId: row.user_id,
    type: row.type,
    at: row.at,
    sessionId: row.session_id,
    ip: row.ip,
    device: row.device === null ? null : (JSON.parse(row.device) as KeptEvent['device']),
    by: readBy(row),
    ...(row.new_device === null ? {} : { newDevice: row.new_device === 1 }),
  }
}

/** How many events go into one statement, and how many may wait for a slow database. */
const BATCH = 100
const WAITING_MAX = 10_000
/** How many values four characters of base 36 have. */
const COUNTS = 36 ** 4
