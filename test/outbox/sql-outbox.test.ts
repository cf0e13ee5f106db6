import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { queriesFor } from '../../src/database/tables.ts'
import type { Delivered } from '../../src/outbox/deliver-kind.ts'
import type { Message } from '../../src/outbox/outbox.ts'
import { sqlOutbox } from '../../src/outbox/sql-outbox.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { openSessionStores } from '../support/session-stores.ts'
import { until } from '../support/until.ts'

const MAIL: Message = { kind: 'mail', type: 'reset', userId: 'ann', body: 'a link' }
const LOGIN: Message = { kind: 'webhook', type: 'login', userId: 'ann', body: '{}' }

t.test('a message is sent once its cause is done, and not if that comes to nothing', async (t) => {
  const { db, outbox, delivered } = await open(t)
  const sent: unknown[] = []
  outbox.deliver.webhook = async ({ id, ...message }) => void sent.push([id.length, message])
  await db.transaction(() => outbox.add(LOGIN))
  await t.rejects(
    db.transaction(function* () {
      yield* outbox.add({ ...LOGIN, type: 'logged_out' })
      throw new Error('no')
    }),
  )
  outbox.start(delivered)
  await until(() => sent.length > 0)
  t.match(sent, [[22, LOGIN]])
  await until(async () => (await outbox.queue.counts('webhook')).waiting === 0)
  await outbox.stop()
  t.equal(sent.length, 1)
})

t.test('what nobody delivers is not kept', async (t) => {
  const { db, outbox } = await open(t)
  await db.transaction(() => outbox.add(MAIL))
  t.strictSame(await outbox.queue.counts('mail'), { waiting: 0, dead: 0 })
})

t.test('messages of a user come in order; a kind that hangs holds up no other', async (t) => {
  const { db, outbox, delivered } = await open(t)
  const sent: string[] = []
  let hanging = 0
  outbox.deliver.webhook = async ({ body }) => void sent.push(body)
  outbox.deliver.mail = (_, signal) =>
    new Promise((_done, fail) => {
      hanging++
      signal.addEventListener('abort', () => fail(signal.reason))
    })
  for (let n = 0; n < 20; n++) {
    await db.transaction(() => outbox.add({ ...MAIL, userId: null }))
    await db.transaction(() => outbox.add({ ...LOGIN, body: `${n}` }))
  }
  outbox.start(delivered)
  await until(() => sent.length === 20 && hanging >= 8)
  t.strictSame(
    sent,
    Array.from({ length: 20 }, (_, n) => `${n}`),
  )
  t.equal(hanging, 8, 'a few at a time')
  await outbox.stop()
  t.strictSame(await outbox.queue.counts('mail'), { waiting: 20, dead: 0 }, 'a stop loses nothing')
})

t.test('what does not arrive is tried again, and told of', async (t) => {
  const { db, outbox, told, delivered, letPass } = await open(t)
  let isDown = true
  outbox.deliver.webhook = async () => {
    if (isDown) throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
  }
  await db.transaction(() => outbox.add(LOGIN))
  outbox.start(delivered)
  await until(() => told.some(({ what }) => what === 'failed'))
  const failed = told.find(({ what }) => what === 'failed')
  t.match(failed, {
    error: 'fetch failed: connect ECONNREFUSED',
    message: { attempt: 1, type: 'login' },
  })
  t.ok(failed?.what === 'failed' && failed.pause < 60_000)
  isDown = false
  await letPass(60_000)
  await until(() => told.some(({ what }) => what === 'sent'))
  await outbox.stop()
  t.match(
    told.find(({ what }) => what === 'sent'),
    { message: { attempt: 2 } },
  )
  t.match(
    told.find(({ what }) => what === 'counted'),
    { kind: 'webhook', waiting: 1, dead: 0 },
  )
})

t.test('after three days it is given up; anything can have been thrown', async (t) => {
  const { db, outbox, told, delivered, letPass } = await open(t)
  outbox.deliver.webhook = () => Promise.reject('no error at all')
  await db.transaction(() => outbox.add(LOGIN))
  await letPass(3 * 24 * 60 * 60 * 1000 + 1)
  outbox.start(delivered)
  await until(() => told.some(({ what }) => what === 'dead'))
  await outbox.stop()
  t.match(await outbox.queue.dead(9), [{ error: 'no error at all' }])
})

t.test('while the database is away it waits, and goes on when it is back', async (t) => {
  const { db, outbox, told, delivered } = await open(t)
  let sent = 0
  outbox.deliver.webhook = async () => void sent++
  const { run } = db
  db.run = () => Promise.reject(storeUnavailable(new Error('away')))
  outbox.start(delivered)
  // Once for what is old, and once for what is due.
  await until(() => told.filter(({ what }) => what === 'unavailable').length >= 2)
  db.run = run
  await db.transaction(() => outbox.add(LOGIN))
  await until(() => sent === 1)

  const { transaction } = db
  let isLost = false
  db.transaction = async (work) => {
    if (sent === 2 && !isLost) {
      isLost = true
      throw storeUnavailable(new Error('away'))
    }
    return transaction(work)
  }
  told.length = 0
  await transaction(() => outbox.add(LOGIN))
  await until(() => isLost && told.some(({ what }) => what === 'unavailable'))
  await outbox.stop()
  t.equal((await outbox.queue.counts('webhook')).waiting, 1, 'it is sent again when the lease is over')
})

t.test('what takes too long to count is sent all the same', async (t) => {
  const { db, outbox, told, delivered } = await open(t)
  const { run } = db
  db.run = async (query) => {
    // As PostgreSQL does with any look at all of millions.
    if (/count\(|min\(/.test(query.compile().sql)) throw storeUnavailable(new Error('it takes too long'))
    return run(query)
  }
  let sent = 0
  outbox.deliver.webhook = async () => void sent++
  outbox.start(delivered)
  await until(() => told.some(({ what }) => what === 'unavailable'))
  await db.transaction(() => outbox.add(LOGIN))
  await until(() => sent === 1)
})

async function open(t: Test) {
  const { db } = await openSessionStores(t, 'sqlite')
  const outbox = sqlOutbox(db, randomBytes)
  t.teardown(() => outbox.stop())
  const told: Delivered[] = []
  return {
    ...{ db, outbox, told },
    delivered: (what: Delivered) => void told.push(what),
    async letPass(ms: number): Promise<void> {
      const older = {
        give_up_at: sql<number>`give_up_at - ${ms}`,
        next_at: sql<number>`next_at - ${ms}`,
      }
      await db.run(queriesFor(db).updateTable('oneseat_outbox').set(older))
    },
  }
}
