import { sql } from 'kysely'
import t from 'tap'
import { forgetRest } from '../../src/accounts/forget-user.ts'
import type { Sql } from '../../src/database/sql.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { join } from '../support/people.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

for (const engine of ['sqlite', 'postgres'] as const) {
  t.test(`who has very many events can be deleted too, and all of them go [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const { db, outbox } = service.engines
    const root = await join(service, 'root', ['admin'])
    const [ann, bob] = [await join(service, 'ann'), await join(service, 'bob')]
    for (const { user } of [ann, bob]) await keepMany(db, user.id, 3_500)
    await outbox.stop() // as if the service died right after the answer
    t.equal((await root.browser.request('DELETE', `/admin/users/${ann.user.id}`)).status, 204)
    const before = await countOf(db, ann.user.id)
    t.ok(before.timeline >= 2_500 && before.answers >= 2_500, 'not all of them in one statement')

    await forgetRest(db, outbox, ann.user.id, AbortSignal.abort()) // it has taken too long
    const then = await countOf(db, ann.user.id)
    t.ok(then.timeline > 1_000 && then.timeline < before.timeline, 'as far as it came')

    t.equal((await outbox.queue.counts('mail')).waiting, 2, 'another message goes on')
    outbox.start(() => {})
    await until(async () => (await countOf(db, ann.user.id)).timeline === 1, 20_000)
    await until(async () => (await outbox.queue.counts('mail')).waiting === 0)
    t.strictSame(await countOf(db, ann.user.id), { timeline: 1, answers: 0, letters: 0 })
    t.match(await eventsOf(db, ann.user.id), [{ type: 'user_deleted' }])
    const others = await countOf(db, bob.user.id)
    t.ok(others.timeline > 3_500 && others.answers === 3_500 && others.letters === 3_500)
  })
}

/** So many events, kept answers and dead letters of a user. */
async function keepMany(db: Sql, userId: string, count: number): Promise<void> {
  const queries = queriesFor(db)
  const rows = Array.from({ length: count }, (_, n) => ({ id: `${userId} ${n}`, user_id: userId }))
  const event = {
    type: 'logged_out',
    at: 1,
    session_id: null,
    ip: '192.0.2.0/24',
    device: null,
  } as const
  const by = { by_whom: null, by_user: null, new_device: null }
  const answer = { body_hash: '', salt: '', answer: 'secret', at: 1 }
  const letter = { kind: 'webhook', type: 'login', body: '{}', attempts: 9, next_at: null } as const
  const times = { created_at: 1, give_up_at: 1, dead_at: db.now, error: 'no' }
  for (let start = 0; start < count; start += 500) {
    const some = rows.slice(start, start + 500)
    await db.run(
      queries.insertInto('oneseat_timeline').values(some.map((row) => ({ ...row, ...event, ...by }))),
    )
    await db.run(
      queries.insertInto('oneseat_answers').values(some.map((row) => ({ ...row, ...answer }))),
    )
    await db.run(
      queries.insertInto('oneseat_outbox').values(some.map((row) => ({ ...row, ...letter, ...times }))),
    )
  }
}

async function countOf(db: Sql, userId: string) {
  const queries = queriesFor(db)
  const count = async (table: 'oneseat_timeline' | 'oneseat_answers' | 'oneseat_outbox') => {
    const rows = queries.selectFrom(table).select(sql<number>`count(*)`.as('count'))
    return Number((await db.run(rows.where('user_id', '=', userId)))[0]?.count)
  }
  const [timeline, answers] = [await count('oneseat_timeline'), await count('oneseat_answers')]
  return { timeline, answers, letters: await count('oneseat_outbox') }
}

function eventsOf(db: Sql, userId: string) {
  const events = queriesFor(db).selectFrom('oneseat_timeline').selectAll()
  return db.run(events.where('user_id', '=', userId))
}
