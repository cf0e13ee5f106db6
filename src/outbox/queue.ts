import { type Selectable, sql } from 'kysely'
import { all, one, type Sql, type Transaction } from '../database/sql.ts'
import { type OutboxRow, queriesFor } from '../database/tables.ts'
import type { Message, MessageKind } from './outbox.ts'

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
  return { put, take, sent, failed, letFirstGo, dead, retry, counts, forget, forgetDeadOf }

  function* put({ id, kind, type, userId, body }: Message & { id: string }): Transaction<void> {
    const row = { id, kind, type, user_id: userId, body, attempts: 0, dead_at: null, error: null }
    // One that is behind another is let go by that one. Until then no look finds it, however many there are.
    const before = waiting(kind).where('user_id', '=', userId).select('seq').limit(1) // none, if nobody's
    const next = (yield* one(before)) === null ? db.now : later(KEPT_TRYING)
    const times = { created_at: db.now, next_at: next, give_up_at: later(KEPT_TRYING) }
    const into = queries.insertInto(table).values({ ...row, ...times })
    yield* all(into.onConflict((clash) => clash.column('id').doNothing()))
  }

  function waiting(kind: MessageKind) {
    return queries.selectFrom(table).where('kind', '=', kind).where('next_at', 'is not', null)
  }

  /** The numbers of the first messages of all users. */
  function firsts(kind: MessageKind) {
    return waiting(kind)
      .select(({ fn }) => fn.min('seq').as('seq'))
      .groupBy('user_id')
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
      const rows = yield* all(db.kind === 'postgres' ? some.forUpdate().skipLocked() : some)
      const first = yield* firstOf(kind, rows)
      const isFirst = ({ seq, user_id }: Row) => user_id === null || first.get(user_id)?.seq === seq
      const taken = rows.filter(isFirst).slice(0, limit)
      yield* takeUntil(taken, later(lease))
      // Messages behind another one, for example after a retry by hand: make them wait, so that no query finds them early.
      const behind = new Set(rows.filter((row) => !isFirst(row)).map(({ user_id }) => user_id))
      for (const userId of behind) yield* letWait(kind, userId, first.get(userId ?? '')?.seq ?? 0)
      return taken.map((row) => ({
        ...{ id: row.id, seq: row.seq, kind: row.kind, type: row.type, userId: row.user_id },
        ...{ body: row.body, attempt: row.attempts + 1 },
      }))
    })
  }

  /** The first message of each of these users. */
  function* firstOf(kind: MessageKind, rows: readonly Row[]) {
    const users = [...new Set(rows.flatMap(({ user_id }) => user_id ?? []))]
    if (users.length === 0) return new Map<string, Pick<Row, 'seq'>>()
    const theirs = firsts(kind).where('user_id', 'in', users)
    const found = yield* all(
      queries.selectFrom(table).select(['seq', 'user_id']).where('seq', 'in', theirs),
    )
    return new Map(found.map(({ user_id, ...row }) => [user_id ?? '', row]))
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
   * One that was kept at the moment when the one before it arrived was let go by nobody. No pause is as long as its. And what was
   * kept before the clock was set back is due now: it does not wait for that time to come again.
   */
  async function letFirstGo(kind: MessageKind): Promise<void> {
    const theirs = firsts(kind).where('user_id', 'is not', null)
    const update = queries
      .updateTable(table)
      .set({ next_at: db.now, created_at: notAhead() })
      .where('next_at', 'is not', null)
      .where(({ or, eb }) =>
        or([eb('next_at', '>', later(NEVER_PAUSED)), eb('created_at', '>', later(CLOCK_SKEW))]),
      )
    await db.run(
      update.where(({ or, and, eb }) =>
        or([eb('seq', 'in', theirs), and([eb('kind', '=', kind), eb('user_id', 'is', null)])]),
      ),
    )
  }

  /** Dead letters, oldest first, at most `limit`, after the one with the number `after`. */
  async function dead(limit: number, after = 0): Promise<(DeadLetter & { seq: number })[]> {
    const found = queries.selectFrom(table).selectAll().where('dead_at', 'is not', null)
    const rows = await db.run(found.where('seq', '>', after).orderBy('seq').limit(limit))
    return rows.map((row) => ({
      ...{ seq: row.seq, id: row.id, kind: row.kind, type: row.type, userId: row.user_id },
      ...{ createdAt: row.created_at, deadAt: row.dead_at ?? 0 },
      ...{ attempts: row.attempts, error: row.error ?? '' },
    }))
  }

  /** Tries a dead letter again for as long as a new message; with null the oldest ones, at most `limit`. Gives how many. */
  async function retry(id: string | null, limit = 1): Promise<number> {
    const dead = queries.selectFrom(table).select('seq').where('dead_at', 'is not', null)
    const some = dead.$if(id !== null, (select) => select.where('id', '=', id ?? ''))
    const revived = queries
      .updateTable(table)
      .set({ dead_at: null, attempts: 0, next_at: db.now, give_up_at: later(KEPT_TRYING) })
      .where('seq', 'in', some.orderBy('seq').limit(limit))
      .where('dead_at', 'is not', null) // another instance may have done the same just now
      .returning('seq')
    return (await db.run(revived)).length
  }

  /** How many messages wait, and how many are dead letters. */
  async function counts(kind: MessageKind): Promise<{ waiting: number; dead: number }> {
    const query = queries
      .selectFrom(table)
      .select(({ fn }) => [
        fn.count<number>('next_at').as('waiting'),
        fn.count<number>('dead_at').as('dead'),
      ])
    const [row] = await db.run(query.where('kind', '=', kind))
    return { waiting: Number(row?.waiting), dead: Number(row?.dead) }
  }

  /** Removes old dead letters, at most `limit`; gives how many. */
  async function forget(limit: number): Promise<number> {
    const old = queries.selectFrom(table).select('seq').where('dead_at', '<=', later(-DEAD_KEPT))
    const gone = queries.deleteFrom(table).where('seq', 'in', old.orderBy('seq').limit(limit))
    return (await db.run(gone.returning('seq'))).length
  }

  function* forgetDeadOf(userId: string): Transaction<void> {
    const theirs = queries.deleteFrom(table).where('user_id', '=', userId)
    yield* all(theirs.where('dead_at', 'is not', null))
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

const DAY = 24 * 60 * 60 * 1000
/** For how long a message is tried, and for how long a dead letter is kept, milliseconds. */
const KEPT_TRYING = 3 * DAY
const DEAD_KEPT = 30 * DAY
/** Longer than any pause between two attempts, milliseconds. */
const NEVER_PAUSED = 2 * 60 * 60 * 1000
/** By how much the database's own clock may be behind what it wrote down, milliseconds: it is set in small steps. */
const CLOCK_SKEW = 5_000
/** How many due messages one look finds. */
const LOOKED_AT = 100
