import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { forgetUser } from '../../src/accounts/forget-user.ts'
import { all } from '../../src/database/sql.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { outboxQueue } from '../../src/outbox/queue.ts'
import { openSessionStores } from '../support/session-stores.ts'
import { until } from '../support/until.ts'

const LEASE = 20_000
const DAY = 24 * 60 * 60 * 1000

for (const engine of ['sqlite', 'postgres'] as const) {
  t.test(
    `messages of a user go one after another, those of others beside them [${engine}]`,
    async (t) => {
      const { queue, put, take } = await open(t, engine)
      await put('a1', 'ann')
      await put('a2', 'ann')
      await put('b1', 'bob')
      await put('n1', null)
      await put('n2', null)
      const taken = await queue.take('webhook', 9, LEASE)
      t.match(taken, [
        { id: 'a1', kind: 'webhook', type: 'login', userId: 'ann', body: 'of a1', attempt: 1 },
        { id: 'b1' },
        { id: 'n1', userId: null },
        { id: 'n2' },
      ])
      t.equal(taken.length, 4)
      t.strictSame(await take(), [], 'which are all taken')
      for (const each of taken) await queue.sent(each)
      t.strictSame(await take(), ['a2'])
    },
  )

  t.test(
    `a message that failed comes again first, and the others wait for it [${engine}]`,
    async (t) => {
      const { queue, put, take, letPass } = await open(t, engine)
      await put('a1', 'ann')
      await put('a2', 'ann')
      const [first] = await queue.take('webhook', 1, LEASE)
      if (first === undefined) throw new Error('nothing was taken')
      t.equal(await queue.failed(first, 'answered 500', 60_000), false)
      await put('a3', 'ann')
      t.strictSame(await take(), [])
      await letPass(59_000)
      t.strictSame(await take(), [])
      await letPass(2_000)
      const [again] = await queue.take('webhook', 9, LEASE)
      t.match(again, { id: 'a1', attempt: 2 })
      t.strictSame(await take(), [])
    },
  )

  t.test(`what was taken by somebody who died is taken again [${engine}]`, async (t) => {
    const { queue, put, take, letPass } = await open(t, engine)
    await put('a1', 'ann')
    const [lost] = await queue.take('webhook', 9, LEASE)
    if (lost === undefined) throw new Error('nothing was taken')
    await letPass(LEASE - 1_000)
    t.strictSame(await take(), [])
    await letPass(2_000)
    t.strictSame(await take(), ['a1'])
    t.equal(await queue.failed(lost, 'too late', 1), false)
    t.strictSame(await take(), [], 'who was only slow changes nothing for who has it now')
  })

  t.test(`after three days it is a dead letter, and the next one goes [${engine}]`, async (t) => {
    const { queue, put, take, letPass } = await open(t, engine)
    await put('a1', 'ann')
    await put('a2', 'ann')
    await letPass(3 * DAY + 1)
    const [first] = await queue.take('webhook', 1, LEASE)
    if (first === undefined) throw new Error('nothing was taken')
    t.equal(await queue.failed(first, 'answered 500', 60_000), true)
    t.match(await queue.dead(9), [
      { id: 'a1', kind: 'webhook', type: 'login', userId: 'ann', attempts: 1, error: 'answered 500' },
    ])
    t.strictSame(await queue.counts('webhook'), { waiting: 1, dead: 1 })
    t.strictSame(await queue.counts('mail'), { waiting: 0, dead: 0 })
    t.strictSame(await take(), ['a2'])

    t.equal(await queue.retry('another'), 0)
    t.equal(await queue.retry('a1'), 1)
    t.strictSame(await queue.dead(9), [])
    const [again] = await queue.take('webhook', 9, LEASE)
    t.match(again, { id: 'a1', attempt: 1 })
  })

  t.test(`of dead letters at most so many are tried again at a time [${engine}]`, async (t) => {
    const { queue, put, letPass } = await open(t, engine)
    for (const id of ['n1', 'n2', 'n3']) await put(id, null)
    await letPass(4 * DAY)
    for (const each of await queue.take('webhook', 9, LEASE)) await queue.failed(each, 'no', 1)
    const counts = [await queue.retry(null, 2), await queue.retry(null, 2), await queue.retry(null, 2)]
    t.strictSame(counts, [2, 1, 0])
  })

  t.test(`dead letters are forgotten after 30 days, or with their user [${engine}]`, async (t) => {
    const { db, queue, put, letPass } = await open(t, engine)
    for (const user of ['ann', 'bob', 'cid']) await put(`of ${user}`, user)
    await letPass(4 * DAY)
    for (const each of await queue.take('webhook', 9, LEASE)) await queue.failed(each, 'no', 1)
    await put('b2', 'bob')
    await db.transaction(() => forgetUser(db, { *add() {} }, 'bob'))
    const [first, ...others] = await queue.dead(1)
    t.match([first, ...others], [{ id: 'of ann' }])
    t.match(await queue.dead(9, first?.seq), [{ id: 'of cid' }])
    t.equal(await queue.forget(9), 0)
    await letPass(31 * DAY)
    t.equal(await queue.forget(1), 1)
    t.equal(await queue.forget(9), 1)
    t.strictSame(await queue.counts('webhook'), { waiting: 1, dead: 0 })
    t.equal(await queue.retry(null), 0)
  })

  t.test(`what was kept before the clock was set back is not kept back [${engine}]`, async (t) => {
    const { queue, put, take, letPass } = await open(t, engine)
    for (const id of ['a1', 'a2']) await put(id, 'ann')
    await put('n1', null)
    await letPass(-60 * 60 * 1000)
    t.strictSame(await take(), [])
    await queue.letFirstGo('webhook')
    const taken = await queue.take('webhook', 9, LEASE)
    t.strictSame(
      taken.map(({ id }) => id),
      ['a1', 'n1'],
    )
    await queue.letFirstGo('webhook')
    t.strictSame(await take(), [], 'and nobody else takes what is under way')
    for (const each of taken) await queue.sent(each)
    t.strictSame(await take(), ['a2'])
  })

  t.test(`nor is one that was kept long before, and has failed since [${engine}]`, async (t) => {
    const { queue, put, take, letPass } = await open(t, engine)
    for (const id of ['a1', 'a2']) await put(id, 'ann')
    await letPass(DAY)
    for (const each of await queue.take('webhook', 9, LEASE)) await queue.failed(each, 'no', 12_000)
    await queue.letFirstGo('webhook')
    t.strictSame(await take(), [], 'its pause is as long as it is')
    await letPass(-60 * 60 * 1000)
    await queue.letFirstGo('webhook')
    t.strictSame(await take(), ['a1'])
  })

  t.test(`of very many that wait some are looked at, and then others [${engine}]`, async (t) => {
    const { db, queue, take, letPass } = await open(t, engine)
    const queries = queriesFor(db)
    const usual = { kind: 'webhook', type: 'login', body: '' } as const
    await db.transaction(function* () {
      for (let n = 0; n < 1_200; n++) yield* queue.put({ ...usual, id: `a${n}`, userId: 'ann' })
      yield* queue.put({ ...usual, id: 'b', userId: 'bob' })
    })
    t.strictSame((await take()).toSorted(), ['a0', 'b'])
    await letPass(-DAY)
    const last = queries.updateTable('oneseat_outbox').where('id', '=', 'b')
    await db.run(last.set({ next_at: sql`next_at + ${9 * DAY}` })) // behind all of the other
    await queue.letFirstGo('webhook')
    t.strictSame(await take(), ['a0'])
    await queue.letFirstGo('webhook')
    t.strictSame(await take(), ['b'])
    t.strictSame(await queue.counts('webhook'), { waiting: 1_201, dead: 0 })
  })

  t.test(`of several instances one takes a message [${engine}]`, async (t) => {
    const { db, put } = await open(t, engine)
    for (let n = 0; n < 40; n++) await put(`m${n}`, n % 2 === 0 ? `user ${n % 20}` : null)
    const queues = [1, 2, 3, 4].map(() => outboxQueue(db))
    const order: string[] = []
    while (order.length < 40) {
      const taken = (await Promise.all(queues.map((each) => each.take('webhook', 7, LEASE)))).flat()
      const ids = taken.map(({ id }) => id)
      t.equal(new Set(ids).size, ids.length)
      t.ok(taken.length > 0)
      order.push(...ids)
      await Promise.all(taken.map((each) => queues[0]?.sent(each)))
    }
    t.equal(new Set(order).size, 40)
    const place = (n: number) => order.indexOf(`m${n}`)
    for (let n = 0; n < 20; n += 2) t.ok(place(n) < place(n + 20), `m${n} before m${n + 20}`)
  })

  t.test(`many messages behind one that fails keep nobody else waiting [${engine}]`, async (t) => {
    const { queue, put, letPass } = await open(t, engine)
    for (let n = 0; n < 250; n++) await put(`a${n}`, 'ann')
    const [head] = await queue.take('webhook', 1, LEASE)
    if (head === undefined) throw new Error('nothing was taken')
    await queue.failed(head, 'answered 500', 3_600_000)
    await put('b1', 'bob')
    await letPass(LEASE + 1)
    const taken: string[] = []
    for (let look = 0; look < 4; look++)
      taken.push(...(await queue.take('webhook', 9, LEASE)).map(({ id }) => id))
    t.strictSame(taken, ['b1'])
  })

  t.test(`a thousand messages of one user keep nobody else waiting [${engine}]`, async (t) => {
    const { db, queue, put } = await open(t, engine)
    await db.transaction(function* () {
      for (let n = 0; n < 1_000; n++)
        yield* queue.put({ id: `a${n}`, kind: 'webhook', type: 'login', userId: 'ann', body: '' })
    })
    await put('b1', 'bob')
    const taken = await queue.take('webhook', 9, LEASE)
    t.strictSame(
      taken.map(({ id }) => id),
      ['a0', 'b1'],
      'at the first look',
    )
    if (taken[0] !== undefined) await queue.sent(taken[0])
    t.match(await queue.take('webhook', 9, LEASE), [{ id: 'a1' }], 'and each lets the next one go')
  })

  t.test(`one that nobody has let go goes all the same [${engine}]`, async (t) => {
    const { db, queue, put, take } = await open(t, engine)
    await put('a1', 'ann')
    await put('a2', 'ann')
    await put('a3', 'ann')
    // As if it had been sent at the moment when the next one was kept.
    await db.run(queriesFor(db).deleteFrom('oneseat_outbox').where('id', '=', 'a1'))
    t.strictSame(await take(), [])
    await queue.letFirstGo('webhook')
    t.strictSame(await take(), ['a2'])
    await queue.letFirstGo('webhook')
    t.strictSame(await take(), [], 'but not one that is under way, nor the one behind it')
  })
}

for (const engine of ['sqlite', 'postgres'] as const) {
  t.test(`a user with very many messages gets each as soon as the one before [${engine}]`, async (t) => {
    const { db, queue } = await open(t, engine)
    const message = { kind: 'webhook', type: 'login', userId: 'ann', body: '' } as const
    await db.transaction(function* () {
      for (let n = 0; n < 1_000; n++) yield* queue.put({ ...message, id: `a${n}` })
    })
    for (let n = 0; n < 5; n++) {
      const [head] = await queue.take('webhook', 8, LEASE)
      t.equal(head?.id, `a${n}`)
      if (head !== undefined) await queue.sent(head)
    }
  })
}

t.test('one that is kept while the one before it arrives is not left behind', async (t) => {
  const { db, queue, put, take } = await open(t, 'postgres')
  const queries = queriesFor(db)
  await put('a1', 'ann')
  const [first] = await queue.take('webhook', 9, LEASE)
  const slow = db.transaction(function* () {
    yield* queue.put({ id: 'a2', kind: 'webhook', type: 'login', userId: 'ann', body: '' })
    yield* all(queries.selectNoFrom(sql`pg_sleep(0.7)`.as('slept')))
  })
  const asleep = sql<{ pid: number }>`
    select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`
  const isAsleep = { compile: () => asleep.compile(queries) }
  await until(async () => (await db.run(isAsleep)).length > 0)
  if (first !== undefined) await queue.sent(first)
  await slow
  t.strictSame(await take(), ['a2'])
})

async function open(t: Test, engine: 'sqlite' | 'postgres') {
  const { db } = await openSessionStores(t, engine)
  const queue = outboxQueue(db)
  return {
    ...{ db, queue },
    put: (id: string, userId: string | null) =>
      db.transaction(() => queue.put({ id, kind: 'webhook', type: 'login', userId, body: `of ${id}` })),
    take: async () => (await queue.take('webhook', 9, LEASE)).map(({ id }) => id),
    /** Makes everything so much older. */
    async letPass(ms: number): Promise<void> {
      const times = ['created_at', 'give_up_at', 'next_at', 'dead_at'] as const
      const older = Object.fromEntries(times.map((time) => [time, sql`${sql.ref(time)} - ${ms}`]))
      await db.run(queriesFor(db).updateTable('oneseat_outbox').set(older))
    },
  }
}
