import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { Sql } from '../../src/database/sql.ts'
import { newUserRow } from '../../src/database/sql-numbers.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { changeEventId, sqlTimeline } from '../../src/timeline/sql-timeline.ts'
import { EVENT_ID, type TimelineEvent } from '../../src/timeline/timeline.ts'
import { openDatabase } from '../support/database.ts'

const DAY = 24 * 60 * 60 * 1000
const LOGIN = event({ type: 'login', at: 1_000_000_000_000 })

t.test(
  'events come back newest first, as they were told, in pages, and only those of the user',
  async (t) => {
    const { timeline } = await open(t)
    const replaced = event({
      type: 'session_replaced',
      sessionId: 's-1',
      device: { name: 'laptop', os: null, browser: 'Firefox' },
      ip: '192.0.2.0/24',
      by: { device: { name: 'phone', os: null, browser: null }, ip: '198.51.100.0/24', user: null },
    })
    timeline.record(LOGIN)
    timeline.record(replaced)
    timeline.record(event({ userId: 'bob', type: 'login' }))
    await timeline.flush()
    const events = await timeline.list('ann', { before: null, limit: 9 })
    t.match(events, [replaced, LOGIN])
    t.equal(events.length, 2)
    const older = await timeline.list('ann', { before: events[0]?.id ?? '', limit: 9 })
    t.strictSame(
      older.map(({ id }) => id),
      [events[1]?.id],
    )
  },
)

t.test(
  'what happened in one millisecond keeps its order; what is told late has its place in time',
  async (t) => {
    const { timeline } = await open(t)
    const types = ['registered', 'login', 'logged_out', 'login', 'password_changed'] as const
    for (const type of types) timeline.record(event({ type, at: 1000 }))
    timeline.record(event({ type: 'session_idle', at: 999 }))
    await timeline.flush()
    const events = await timeline.list('ann', { before: null, limit: 9 })
    t.strictSame(
      events.map(({ type }) => type),
      [...types.toReversed(), 'session_idle'],
    )
  },
)

t.test('of a deleted user nothing more is kept than that', async (t) => {
  const { timeline, db } = await open(t)
  const user = { ...newUserRow('ann', 'handle'), deleted_at: 1 }
  await db.run(queriesFor(db).insertInto('oneseat_users').values(user))
  timeline.record(event({ type: 'user_deleted' }))
  timeline.record(LOGIN)
  await timeline.flush()
  timeline.record(LOGIN)
  await timeline.flush()
  const events = await timeline.list('ann', { before: null, limit: 9 })
  t.strictSame(
    events.map(({ type }) => type),
    ['user_deleted'],
  )
})

t.test('events are kept soon without anybody asking, and all of them when it closes', async (t) => {
  const { timeline, db } = await open(t)
  const kept = () => countIn(db)
  timeline.record(event({}))
  t.equal(await kept(), 0, 'nothing is written while a request waits')
  while ((await kept()) === 0) await setImmediate()
  for (let i = 0; i < 250; i++) timeline.record(event({}))
  await timeline.close()
  t.equal(await kept(), 251)
})

t.test('a database that fails loses events, says how many, and lets nobody wait or fail', async (t) => {
  const { timeline, db, lost } = await open(t)
  await timeline.flush()
  await dropTimeline(db)
  for (let i = 0; i < 150; i++) timeline.record(event({}))
  await timeline.flush()
  t.strictSame(lost, [100, 50])
  await t.rejects(timeline.list('ann', { before: null, limit: 1 }), { code: 'store_unavailable' })
})

t.test('no more than 10,000 events wait for a database that is slow', async (t) => {
  const { timeline, lost } = await open(t)
  for (let i = 0; i < 10_002; i++) timeline.record(event({}))
  t.strictSame(lost, [1, 1])
})

t.test('events are forgotten after their time, the oldest first', async (t) => {
  const { timeline, db } = await open(t)
  const now = Date.now()
  for (const age of [92, 91, 89, 88, 1]) timeline.record(event({ at: now - age * DAY }))
  await timeline.flush()
  const ages = async () =>
    (await timeline.list('ann', { before: null, limit: 9 })).map(({ at }) => (now - at) / DAY)
  t.equal(await timeline.forgetSome(1), 1)
  t.strictSame(await ages(), [1, 88, 89, 91])
  t.equal(await timeline.forgetSome(9), 1)
  t.equal(await timeline.forgetSome(9), 0)
  t.strictSame(await ages(), [1, 88, 89])
  await dropTimeline(db)
  await t.rejects(timeline.forgetSome(9), { code: 'store_unavailable' })
})

t.test('a slow database has no more events wait than may, nor a stop for long', async (t) => {
  const url = await openDatabase(t)
  const { db } = await openPostgres(url, () => {})
  const locking = new pg.Client(url)
  await locking.connect()
  t.teardown(async () => {
    await locking.end()
    await db.close()
  })
  const lost: number[] = []
  const onLost = (_error: unknown, count: number) => lost.push(count)
  const options = { random: randomBytes, retention: 90 * DAY, onLost, patience: 1 }
  const timeline = sqlTimeline(db, options)
  await timeline.flush()
  await locking.query('BEGIN; LOCK TABLE oneseat_timeline')
  timeline.record(event({}))
  await setImmediate()
  await setImmediate()
  for (let i = 0; i < 10_000; i++) timeline.record(event({}))
  await setImmediate()
  timeline.record(event({}))
  t.strictSame(lost, [1], 'they wait, and do not queue up behind the one that is written')
  await timeline.close()
  t.strictSame(lost, [1, 10_000], 'what the database did not take is told')
  await locking.query('COMMIT')
})

t.test('keep: events come with the rest of a transaction, or not at all', async (t) => {
  const { timeline, db } = await open(t)
  await db.transaction(() => timeline.keep([LOGIN, event({ userId: 'bob' })]))
  t.match(await timeline.list('ann', { before: null, limit: 9 }), [LOGIN])
  t.match(await timeline.list('bob', { before: null, limit: 9 }), [{ type: 'login' }])
  const broken = db.transaction(function* () {
    yield* timeline.keep([event({ type: 'logged_out' })])
    throw new Error('the rest')
  })
  await t.rejects(broken, { message: 'the rest' })
  t.equal(await countIn(db), 2)
  await db.transaction(() => timeline.keep([]))
  await db.transaction(() => timeline.keep(Array.from({ length: 250 }, () => event({}))))
  t.equal(await countIn(db), 252)
})

t.test('keep: what happened in one millisecond keeps its order, with what is recorded', async (t) => {
  const { timeline, db } = await open(t)
  timeline.record(event({ type: 'registered', at: 1000 }))
  await db.transaction(() =>
    timeline.keep([event({ type: 'login', at: 1000 }), event({ type: 'logged_out', at: 1000 })]),
  )
  timeline.record(event({ type: 'password_changed', at: 1000 }))
  await timeline.flush()
  const events = await timeline.list('ann', { before: null, limit: 9 })
  t.strictSame(
    events.map(({ type }) => type),
    ['password_changed', 'logged_out', 'login', 'registered'],
  )
})

t.test('keep: an event that is there already is the same event, on both databases', async (t) => {
  const { db: postgres } = await openPostgres(await openDatabase(t), () => {})
  for (const { timeline, db } of [await open(t), await open(t, { db: postgres })]) {
    const at = Date.now()
    const told = { ...event({ at, sessionId: 'whole' }), id: changeEventId(at, 'ann', 7, 0) }
    await db.transaction(() => timeline.keep([told]))
    await Promise.all(
      [1, 2, 3].map(() =>
        db.transaction(() => timeline.keep([{ ...told, sessionId: 'less' }, event({ at: at + 1 })])),
      ),
    )
    const events = await timeline.list('ann', { before: null, limit: 9 })
    t.strictSame(
      events.map(({ sessionId }) => sessionId),
      [null, null, null, 'whole'],
    )
  }
})

t.test('flush: waits for what was recorded, whatever else is kept meanwhile', async (t) => {
  const { timeline, db } = await open(t)
  for (let i = 0; i < 150; i++) timeline.record(event({ userId: 'recorded' }))
  const flushed = timeline.flush()
  await db.transaction(() => timeline.keep(Array.from({ length: 100 }, () => event({}))))
  await flushed
  t.equal((await timeline.list('recorded', { before: null, limit: 999 })).length, 150)
})

t.test('the id of an event of a change says when, and is the same whoever tells of it', async (t) => {
  const id = changeEventId(1_800_000_000_000, 'ann', 7, 1)
  t.match(id, EVENT_ID)
  t.equal(changeEventId(1_800_000_000_000, 'ann', 7, 1), id)
  const others = [
    changeEventId(1_800_000_000_001, 'ann', 7, 1),
    changeEventId(1_800_000_000_000, 'bob', 7, 1),
    changeEventId(1_800_000_000_000, 'ann', 8, 1),
    changeEventId(1_800_000_000_000, 'ann', 7, 2),
    changeEventId(1_800_000_000_000, 'ann', 7, 99),
    changeEventId(1_800_000_000_000, 'ann', 7, 100),
  ]
  t.equal(new Set([id, ...others]).size, 7)
  for (const other of others) t.match(other, EVENT_ID)
  t.ok(id < (others[0] ?? ''), 'by time')
  t.ok(id < (others[2] ?? ''), 'in one millisecond by number')
  t.ok(id < (others[3] ?? ''), 'and then in the order they are told in')
})

async function open(t: Test, { db: given = null as Sql | null } = {}) {
  const db = given ?? (await openSqlite(':memory:')).db
  const lost: number[] = []
  const options = {
    random: randomBytes,
    retention: 90 * DAY,
    onLost: (_error: unknown, count: number) => lost.push(count),
  }
  const timeline = sqlTimeline(db, options)
  t.teardown(async () => {
    await timeline.close()
    await db.close()
  })
  return { timeline, db, options, lost }
}

async function countIn(db: Sql): Promise<number> {
  return (await db.run(queriesFor(db).selectFrom('oneseat_timeline').select('id'))).length
}

async function dropTimeline(db: Sql): Promise<void> {
  await db.run(queriesFor(db).schema.dropTable('oneseat_timeline'))
}

function event(parts: Partial<TimelineEvent>): TimelineEvent {
  return {
    ...{
      userId: 'ann',
      type: 'login',
      at: Date.now(),
      sessionId: null,
      device: null,
      ip: null,
      by: null,
    },
    ...parts,
  } as TimelineEvent
}
