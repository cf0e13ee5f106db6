import { randomBytes } from 'node:crypto'
import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { sqlTimeline } from '../../src/timeline/sql-timeline.ts'
import type { TimelineEvent } from '../../src/timeline/timeline.ts'
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

t.test('events are kept soon without anybody asking, and all of them when it closes', async (t) => {
  const { timeline, db } = await open(t)
  const kept = async () => (await db.selectFrom('timeline').select('id').execute()).length
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
  await db.schema.dropTable('timeline').execute()
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

t.test('events are forgotten after their time, at the start and every day', async (t) => {
  const first = await open(t, { now: 100 * DAY })
  for (const day of [9, 10, 11, 99]) first.timeline.record(event({ at: day * DAY }))
  await first.timeline.flush()
  const again = sqlTimeline(first.db, { ...first.options, clock: () => 100 * DAY })
  await again.flush()
  t.strictSame(
    (await again.list('ann', { before: null, limit: 9 })).map(({ at }) => at / DAY),
    [99, 11, 10],
  )
  await again.close()

  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => mock.timers.reset())
  const daily = sqlTimeline(first.db, { ...first.options, clock: () => 101 * DAY })
  await daily.flush()
  daily.record(event({ at: 5 * DAY }))
  await daily.flush()
  mock.timers.tick(DAY)
  await daily.flush()
  t.strictSame(
    (await daily.list('ann', { before: null, limit: 9 })).map(({ at }) => at / DAY),
    [99, 11],
  )
  await daily.close()
})

t.test('many old events are forgotten a thousand at a time, with room for others between', async (t) => {
  const first = await open(t, { now: 100 * DAY })
  for (let i = 0; i < 2_500; i++) first.timeline.record(event({ at: DAY }))
  await first.timeline.flush()
  const again = sqlTimeline(first.db, { ...first.options, clock: () => 100 * DAY })
  const left = new Set<number>()
  while (!left.has(0)) {
    left.add((await first.db.selectFrom('timeline').select('id').execute()).length)
    await setImmediate()
  }
  t.strictSame([...left], [1_500, 500, 0])
  await again.close()
})

t.test('a database that cannot forget says so, and goes on', async (t) => {
  const { db, options, lost } = await open(t)
  await db.schema.dropTable('timeline').execute()
  const timeline = sqlTimeline(db, options)
  await timeline.flush()
  t.strictSame(lost, [0])
  await timeline.close()
})

t.test('a slow database has no more events wait than may, nor a stop for long', async (t) => {
  const url = await openDatabase(t)
  const { db } = await openPostgres(url, () => {})
  const locking = new pg.Client(url)
  await locking.connect()
  t.teardown(async () => {
    await locking.end()
    await db.destroy()
  })
  const lost: number[] = []
  const onLost = (_error: unknown, count: number) => lost.push(count)
  const options = { random: randomBytes, clock: Date.now, retention: 90 * DAY, onLost, patience: 1 }
  const timeline = sqlTimeline(db, options)
  await timeline.flush()
  await locking.query('BEGIN; LOCK TABLE timeline')
  timeline.record(event({}))
  void timeline.flush()
  await setImmediate()
  for (let i = 0; i < 10_000; i++) timeline.record(event({}))
  void timeline.flush()
  await setImmediate()
  timeline.record(event({}))
  t.strictSame(lost, [1], 'they wait, and do not queue up behind the one that is written')
  await timeline.close()
  t.strictSame(lost, [1, 10_000], 'what the database did not take is told')
  await locking.query('COMMIT')
})

async function open(t: Test, { now = Date.now() } = {}) {
  const { db } = await openSqlite(':memory:')
  const lost: number[] = []
  const options = {
    random: randomBytes,
    clock: () => now,
    retention: 90 * DAY,
    onLost: (_error: unknown, count: number) => lost.push(count),
  }
  const timeline = sqlTimeline(db, options)
  t.teardown(async () => {
    await timeline.close()
    await db.destroy()
  })
  return { timeline, db, options, lost }
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
