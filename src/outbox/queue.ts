import { type Selectable, sql } from 'kysely'
import { all, one, type Sql, type Transaction } from '../database/sql.ts'
import { type OutboxRow, queriesFor } from '../database/tables.ts'
import { KINDS, type Message, type MessageKind } from './outbox.ts'
import { longestPauseAfter } from './pauses.ts'

/** A message that this instance is delivering; `attempt` counts from 1. */
export type Taken = Message & { id: string; seq: number; attempt: number }

/** A message that is not tried any more. Times are milliseconds since 1970. */
export type DeadLetter = Pick<Message, 'kind' | 'type' | 'userId'> & {
  id: string
  createdAt: number
  deadAt: number
  attempts: number
  error: string
}

/** A queue of messages in SQL, which several instances work on. */
export type Queue = ReturnType<typeof outboxQueue>

export function outboxQueue(db: Sql) {
  const queries = queriesFor(db)
  const table = 'oneseat_outbox'
  /** Up to where `letFirstGo` has looked. */
  const seen = new Map<MessageKind, { next_at: number; seq: number }>()
  return { put, take, sent, failed, letFirstGo, dead, retry, counts, forget }

  function* put({ id, kind, type, userId, body }: Message & { id: string }): Transaction<void> {
    const row = { id, kind, type, user_id: userId, body, attempts: 0, dead_at: null, error: null }
    // One that is behind another is let go by that one. Until then no look finds it, however many there are.
    const before = waiting(kind).where('user_id', '=', userId).select('seq').limit(1) // none, if nobody's
    // It stays until this one is there: who takes note that it has arrived finds this one behind it.
    const next = (yield* one(before.modifyEnd(db.keepRows))) === null ? db.now : later(KEPT_TRYING)
    const times = { created_at: db.now, next_at: next, give_up_at: later(KEPT_TRYING) }
    const into = queries.insertInto(table).values({ ...row, ...times })
    yield* all(into.onConflict((clash) => clash.column('id').doNothing()))
  }

  function waiting(kind: MessageKind) {
    return queries.selectFrom(table).where('kind', '=', kind).where('next_at', 'is not', null)
  }

  /**
   * Takes due messages, at most `limit`, and of each user only the first. No other instance takes them for `lease` milliseconds.
   * Messages behind another one wait for it.
   */
  async function take(kind: MessageKind, limit: number, lease: number): Promise<Taken[]> {
    const due = queries
      .selectFrom(table)
      .selectAll()
      .where('kind', '=', kind)
      .where('next_at', '<=', db.now)
      .orderBy('next_at')
      .orderBy('seq')
    if ((await db.run(due.limit(1))).length === 0) return [] // this takes no lock
    return db.transaction(function* () {
      const some = due.limit(LOOKED_AT)
      const rows = yield* all(db.kind === 'postgres' ? some.forNoKeyUpdate().skipLocked() : some)
      const first = yield* firstOf(kind, rows)
      const taken = rows.filter((row) => isFirst(row, first)).slice(0, limit)
      yield* takeUntil(taken, later(lease))
      // Messages behind another one, for example after a retry by hand: make them wait, so that no query finds them early.
      const behind = new Set(rows.filter((row) => !isFirst(row, first)).map(({ user_id }) => user_id))
      for (const [userId, seq] of first) if (behind.has(userId)) yield* letWait(kind, userId, seq)
      return taken.map((row) => ({
        ...{ id: row.id, seq: row.seq, kind: row.kind, type: row.type, userId: row.user_id },
        ...{ body: row.body, attempt: row.attempts + 1 },
      }))
    })
  }

  /** The `seq` of the first message of each user of these, which stays until the transaction ends. None of one that has just arrived. */
  function* firstOf(kind: MessageKind, rows: readonly Place[]): Transaction<Firsts> {
    const anyOfEach = new Map(rows.map(({ seq, user_id }) => [user_id, seq]))
    if (anyOfEach.size === 0) return new Map()
    // One look into the index for each user, however many messages they have.
    const firsts = queries
      .selectFrom(`${table} as any`)
      .where('any.seq', 'in', [...anyOfEach.values()])
      .select((any) =>
        any
          .selectFrom(`${table} as theirs`)
          .select('theirs.seq')
          .where('theirs.kind', '=', kind)
          .whereRef('theirs.user_id', '=', 'any.user_id')
          .where('theirs.next_at', 'is not', null)
          .orderBy('theirs.seq')
          .limit(1)
          .as('seq'),
      )
    const numbers = (yield* all(firsts)).flatMap(({ seq }) => seq ?? [])
    if (numbers.length === 0) return new Map()
    const found = yield* all(
      queries
        .selectFrom(table)
        .select(['seq', 'user_id'])
        .where('seq', 'in', numbers)
        .modifyEnd(db.keepRows),
    )
    return new Map(found.map(({ user_id, seq }) => [user_id, seq]))
  }

  function* letWait(kind: MessageKind, userId: string | null, first: number): Transaction<void> {
    const theirs = queries.updateTable(table).where('kind', '=', kind).where('user_id', '=', userId)
    const behind = theirs.where('seq', '>', first).where('next_at', '<=', db.now)
    yield* all(behind.set({ next_at: later(KEPT_TRYING) }))
  }

  function* takeUntil(rows: readonly Row[], until: ReturnType<typeof later>): Transaction<void> {
    if (rows.length === 0) return
    const set = { next_at: until, attempts: sql<number>`attempts + 1` }
    const these = rows.map(({ seq }) => seq)
    yield* all(queries.updateTable(table).set(set).where('seq', 'in', these))
  }

  /** The message has arrived: the next message of this user becomes due. */
  function sent(message: Taken): Promise<void> {
    return db.transaction(function* () {
      yield* all(queries.deleteFrom(table).where('seq', '=', message.seq))
      yield* letNextGo(message)
    })
  }

  /**
   * The message has not arrived. It is tried again after `pause` milliseconds, or, if it was tried for long enough, becomes a
   * dead letter, and the next message of the user becomes due. Gives whether it is a dead letter.
   */
  function failed(message: Taken, error: string, pause: number): Promise<boolean> {
    return db.transaction(function* () {
      const it = queries.updateTable(table).where('seq', '=', message.seq)
      const isMine = it.where('attempts', '=', message.attempt)
      const isLate = isMine.where('give_up_at', '<=', db.now).returning('seq')
      const dead = yield* all(isLate.set({ dead_at: db.now, next_at: null, error }))
      if (dead.length === 0) yield* all(isMine.set({ next_at: later(pause), error }))
      else yield* letNextGo(message)
      return dead.length > 0
    })
  }

  /** Makes the next message of this user due, if there is one. It comes before further messages that wait. */
  function* letNextGo({ kind, userId, seq }: Taken): Transaction<void> {
    const next = queries
      .selectFrom(table)
      .select(({ fn }) => fn.min('seq').as('seq'))
      .where('kind', '=', kind)
      .where('user_id', '=', userId)
      .where('seq', '>', seq)
      .where('next_at', 'is not', null)
    yield* all(queries.updateTable(table).set({ next_at: notAhead() }).where('seq', 'in', next))
  }

  /**
   * Lets go what waits longer than any pause lasts and is behind nothing. What was kept before the clock was set back is due now,
   * too: it does not wait for that time to come again. Looks at some in each call, and goes on behind them in the next.
   */
  async function letFirstGo(kind: MessageKind): Promise<void> {
    const after = seen.get(kind) ?? { next_at: 0, seq: 0 }
    const rows = await db.run(
      waiting(kind)
        .select(['seq', 'user_id', 'created_at', 'next_at', 'attempts', db.now.as('now')])
        .where(sql<boolean>`(next_at, seq) > (${after.next_at}, ${after.seq})`)
        .where('next_at', '>', later(SOON))
        .orderBy('next_at')
        .orderBy('seq')
        .limit(LOOKED_THROUGH),
    )
    const last = rows.length < LOOKED_THROUGH ? undefined : rows.at(-1)
    seen.set(kind, { next_at: last?.next_at ?? 0, seq: last?.seq ?? 0 })
    const late = rows.filter(
      (row) =>
        Number(row.next_at) > row.now + Math.max(SOON, longestPauseAfter(row.attempts)) ||
        row.created_at > row.now + CLOCK_SKEW,
    )
    if (late.length === 0) return
    await db.transaction(function* () {
      const first = yield* firstOf(kind, late)
      const stuck = late.filter((row) => isFirst(row, first)).map(({ seq }) => seq)
      if (stuck.length === 0) return
      const these = queries.updateTable(table).where('seq', 'in', stuck)
      const still = these.where('next_at', '>', later(SOON)) // nobody has taken it meanwhile, or let it go
      yield* all(still.set({ next_at: db.now, created_at: notAhead() }))
    })
  }

  /** Dead letters, oldest first, at most `limit`, after the one with the number `after`. */
  async function dead(limit: number, after = 0): Promise<(DeadLetter & { seq: number })[]> {
    const found = deadLetters().selectAll().where('seq', '>', after)
    const rows = await db.run(found.orderBy('seq').limit(limit))
    return rows.map((row) => ({
      ...{ seq: row.seq, id: row.id, kind: row.kind, type: row.type, userId: row.user_id },
      ...{ createdAt: row.created_at, deadAt: row.dead_at ?? 0 },
      ...{ attempts: row.attempts, error: row.error ?? '' },
    }))
  }

  /** Tries a dead letter again for as long as a new message; with null the oldest ones, at most `limit`. Gives how many. */
  async function retry(id: string | null, limit = 1): Promise<number> {
    const some = deadLetters()
      .select('seq')
      .$if(id !== null, (select) => select.where('id', '=', id ?? ''))
    const revived = queries
      .updateTable(table)
      .set({ dead_at: null, attempts: 0, next_at: db.now, give_up_at: later(KEPT_TRYING) })
      .where('seq', 'in', some.orderBy('seq').limit(limit))
      .where('dead_at', 'is not', null) // another instance may have done the same just now
      .returning('seq')
    return (await db.run(revived)).length
  }

  /** How many messages wait, and how many are dead letters; of more than 100,000 each as if they were so many. */
  async function counts(kind: MessageKind): Promise<{ waiting: number; dead: number }> {
    const count = async (rows: ReturnType<typeof waiting>) => {
      const some = rows.select('seq').limit(COUNTED).as('some')
      const query = queries.selectFrom(some).select(({ fn }) => fn.countAll<number>().as('count'))
      return Number((await db.run(query))[0]?.count)
    }
    return { waiting: await count(waiting(kind)), dead: await count(deadLetters([kind])) }
  }

  /** A dead letter has no next attempt, by which the index finds it among all that wait. */
  function deadLetters(kinds: readonly MessageKind[] = KINDS) {
    const found = queries.selectFrom(table).where('kind', 'in', kinds)
    return found.where('next_at', 'is', null).where('dead_at', 'is not', null)
  }

  /** Removes old dead letters, at most `limit`; gives how many. */
  async function forget(limit: number): Promise<number> {
    const old = deadLetters().select('seq').where('dead_at', '<=', later(-DEAD_KEPT))
    const gone = queries.deleteFrom(table).where('seq', 'in', old.orderBy('seq').limit(limit))
    return (await db.run(gone.returning('seq'))).length
  }

  /** When a message was kept; now, if that was before the clock was set back. */
  function notAhead() {
    return sql<number>`case when created_at > ${db.now} then ${db.now} else created_at end`
  }

  function later(ms: number) {
    return sql<number>`${db.now} + ${ms}`
  }
}

type Row = Selectable<OutboxRow>
type Place = Pick<Row, 'seq' | 'user_id'>
type Firsts = ReadonlyMap<string | null, number>

/** Whether no message stands before this one: what is about nobody waits for none. */
function isFirst({ seq, user_id }: Place, first: Firsts): boolean {
  return user_id === null || first.get(user_id) === seq
}

const DAY = 24 * 60 * 60 * 1000
/** For how long a message is tried, and for how long a dead letter is kept, milliseconds. */
const KEPT_TRYING = 3 * DAY
const DEAD_KEPT = 30 * DAY
/** For longer than this waits none that is under way, milliseconds. */
const SOON = 30_000
/** By how much the database's own clock may be behind what it wrote down, milliseconds: it is set in small steps. */
const CLOCK_SKEW = 5_000
/** How many due messages one look finds, and how many that are not due. */
const LOOKED_AT = 100
const LOOKED_THROUGH = 1_000
/** Counting takes time, too. */
const COUNTED = 100_000
