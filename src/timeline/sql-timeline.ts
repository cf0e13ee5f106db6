import type { Kysely, Selectable } from 'kysely'
import type { Tables, TimelineRow } from '../accounts/tables.ts'
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
}

/** Events gather for a moment and are written together, off the path of the requests they tell of. */
export function sqlTimeline(db: Kysely<Tables>, options: TimelineOptions): Timeline {
  const { random, clock, retention, onLost } = options
  let waiting: TimelineRow[] = []
  let writing: Promise<void> = forget()
  let timer: NodeJS.Timeout | null = null
  let rest: NodeJS.Timeout | undefined
  let count = 0
  const daily = setInterval(forgetNext, DAY).unref()

  return {
    record(event) {
      if (waiting.length >= WAITING_MAX) {
        onLost(new Error('too many events are waiting'), 1)
        return
      }
      waiting.push(toRow(event, eventId(event.at, count++, random)))
      timer ??= setTimeout(() => void flush(), GATHER)
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
      clearInterval(daily)
      await flush()
      clearTimeout(rest)
    },
  }

  function flush(): Promise<void> {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const rows = waiting
    waiting = []
    if (rows.length > 0) writing = writing.then(() => write(rows))
    return writing
  }

  async function write(rows: TimelineRow[]): Promise<void> {
    for (let start = 0; start < rows.length; start += BATCH) {
      const batch = rows.slice(start, start + BATCH)
      try {
        await db.insertInto('timeline').values(batch).execute()
      } catch (error) {
        onLost(error, batch.length)
      }
    }
  }

  function forgetNext(): void {
    writing = writing.then(forget)
  }

  /** A few at a time: who wants to write meanwhile, here or in another process, is not to wait for all of them. */
  async function forget(): Promise<void> {
    const old = db
      .selectFrom('timeline')
      .select('id')
      .where('id', '<', timeKey(clock() - retention))
      .orderBy('id')
      .limit(FORGET)
    try {
      const { numDeletedRows } = await db
        .deleteFrom('timeline')
        .where('id', 'in', old)
        .executeTakeFirstOrThrow()
      if (numDeletedRows >= FORGET) rest = setTimeout(forgetNext, GATHER).unref()
    } catch (error) {
      onLost(error, 0)
    }
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
const DAY = 24 * 60 * 60 * 1000
