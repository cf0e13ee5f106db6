import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely, Selectable } from 'kysely'
import { forgetDaily } from '../database/daily-cleanup.ts'
import type { Tables, TimelineRow } from '../database/tables.ts'
import { storeUnavailable } from '../errors.ts'
import type { RandomBytes } from '../sessions/token.ts'
import type { KeptEvent, Timeline, TimelineEvent } from './timeline.ts'

type TimelineOptions = {
  random: RandomBytes
  clock: () => number
  /** Events are forgotten after this many milliseconds. */
  retention: number
  /** Events that could not be kept. */
  onLost: (error: unknown, count: number) => void
  /** How long a stop waits for a slow database, milliseconds. */
  patience?: number
}

/** Events gather for a moment and are written together, off the path of the requests they tell of. */
export function sqlTimeline(db: Kysely<Tables>, options: TimelineOptions): Timeline {
  const { random, clock, retention, onLost, patience = 5_000 } = options
  const waiting: TimelineRow[] = []
  let recorded = 0
  let settled = 0
  /** One statement at a time: a slow database has `waiting` grow, which has an end. */
  let writing: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined
  const forgetting = forgetDaily({ forgetSome, atMost: FORGET, onError: (error) => onLost(error, 0) })

  return {
    record(event) {
      if (waiting.length >= WAITING_MAX) {
        onLost(new Error('too many events are waiting'), 1)
        return
      }
      waiting.push(toRow(event, eventId(event.at, recorded++, random)))
      if (writing === null) timer ??= setTimeout(write, GATHER)
    },

    async list(userId, { before, limit }) {
      try {
        const rows = await db
          .selectFrom('timeline')
          .selectAll()
          .where('user_id', '=', userId)
          .$if(before !== null, (select) => select.where('id', '<', before ?? ''))
          .orderBy('id', 'desc')
          .limit(limit)
          .execute()
        return rows.map(toEvent)
      } catch (error) {
        throw storeUnavailable(error)
      }
    },

    flush,

    async close() {
      await Promise.race([flush(), pause(patience, undefined, { ref: false })])
      clearTimeout(timer)
      const late = waiting.splice(0)
      settled += late.length
      if (late.length > 0) onLost(new Error('the database did not take them in time'), late.length)
      await forgetting.end()
    },
  }

  async function flush(): Promise<void> {
    const all = recorded
    await forgetting.settled()
    while (settled < all) await write()
  }

  function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (writing === null && waiting.length > 0) {
      writing = writeSome(waiting.splice(0, BATCH)).finally(goOn)
    }
    return writing ?? Promise.resolve()
  }

  async function writeSome(rows: TimelineRow[]): Promise<void> {
    try {
      await db.insertInto('timeline').values(rows).execute()
    } catch (error) {
      onLost(error, rows.length)
    }
    settled += rows.length
  }

  function goOn(): void {
    writing = null
    if (waiting.length > 0) timer ??= setTimeout(write, GATHER)
  }

  async function forgetSome(): Promise<number> {
    const old = db
      .selectFrom('timeline')
      .select('id')
      .where('id', '<', timeKey(clock() - retention))
      .orderBy('id')
      .limit(FORGET)
    const { numDeletedRows } = await db
      .deleteFrom('timeline')
      .where('id', 'in', old)
      .executeTakeFirstOrThrow()
    return Number(numDeletedRows)
  }
}

/** Sorts by time, and within a millisecond as it happened here; the rest keeps apart what other instances saw then. */
function eventId(at: number, count: number, random: RandomBytes): string {
  return timeKey(at) + (count % COUNTS).toString(36).padStart(4, '0') + random(4).toString('hex')
}

/** Nine characters of base 36 last until the year 5188. */
function timeKey(at: number): string {
  return Math.max(0, Math.round(at)).toString(36).padStart(9, '0')
}

function toRow(event: TimelineEvent, id: string): TimelineRow {
  return {
    id,
    user_id: event.userId,
    type: event.type,
    at: event.at,
    session_id: event.sessionId,
    ip: event.ip,
    device: event.device === null ? null : JSON.stringify(event.device),
    by_whom: event.by === null ? null : JSON.stringify(event.by),
  }
}

function toEvent(row: Selectable<TimelineRow>): KeptEvent {
  return {
    id: row.id,
    userId: row.user_id,
    type: row.type,
    at: row.at,
    sessionId: row.session_id,
    ip: row.ip,
    device: row.device === null ? null : (JSON.parse(row.device) as KeptEvent['device']),
    by: row.by_whom === null ? null : (JSON.parse(row.by_whom) as KeptEvent['by']),
  }
}

/**
 * How long events gather, milliseconds; how many go into one statement; how many are forgotten by one; how many may wait
 * for a slow database.
 */
const GATHER = 20
const BATCH = 100
const FORGET = 1_000
const WAITING_MAX = 10_000
/** What four characters of base 36 can count. */
const COUNTS = 36 ** 4
