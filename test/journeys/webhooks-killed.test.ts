import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { Sql } from '../../src/database/sql.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { Browser, PASSWORD } from '../support/browser.ts'
import { type Instance, startInstance } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'
import { PLACES, sharedPlace } from '../support/stores.ts'
import { until } from '../support/until.ts'

t.setTimeout(300_000)
t.jobs = 2 // most of the time goes into starting the program

const KILLS = 20
const NAMES = ['ann', 'bob', 'cid']

/**
 * The program is killed between cause and delivery, again and again: before a login has answered, right after it, and while the
 * receiver has a message. What the timeline says in the end is what the receiver was told.
 */
for (const where of PLACES) {
  t.test(`killed at any moment, it loses no event [${where}]`, { buffered: true }, async (t) => {
    const receiver = await startReceiver(t)
    const stores = await sharedPlace(t, where)
    const env = { ...stores, ...receiver.env }
    const answered = new Set<string>()
    let instance = await startInstance(env)
    t.teardown(() => instance.stop())
    for (const username of NAMES) {
      const account = { username, password: PASSWORD }
      t.equal((await new Browser(instance.url).post('/register', account)).status, 201)
    }
    const db = await openSql(t, stores['DATABASE_URL'] ?? '')

    for (let kill = 0; kill < KILLS; kill++) {
      let killed = false
      let countdown = 1 + (kill % 5)
      const strike = () => {
        if (--countdown > 0) return
        killed = true
        instance.signal('SIGKILL')
      }
      receiver.answer = kill % 3 === 0 ? strike : (_, response) => flaky(kill, () => response.destroy())
      await Promise.all(
        NAMES.map(async (username, n) => {
          while (!killed) {
            const login = new Browser(instance.url).login(username, { device: `device ${n}` })
            if (kill % 3 === 1) setImmediate(strike) // while it is under way
            const answer = await login.catch(() => null)
            if (answer?.status === 200) answered.add(answer.body.session.id)
            if (kill % 3 === 2) strike()
          }
        }),
      )
      instance = await restart(instance, env, db)
    }

    receiver.answer = () => {}
    const queries = queriesFor(db)
    const rows = (table: 'oneseat_changes' | 'oneseat_outbox') =>
      db.run(queries.selectFrom(table).selectAll())
    // What was cut off is completed after some seconds, and then told.
    await until(async () => (await rows('oneseat_changes')).length === 0, 30_000, 100)
    await until(async () => (await rows('oneseat_outbox')).length === 0, 60_000, 100)

    const timeline = await db.run(queries.selectFrom('oneseat_timeline').selectAll().orderBy('id'))
    const told = new Set(receiver.received.map(({ id }) => id))
    t.strictSame(
      timeline.map(({ id }) => id).filter((id) => !told.has(id)),
      [],
      'the receiver knows all that the timeline has',
    )
    t.equal(told.size, timeline.length, 'and nothing else')
    const logins = new Set(
      timeline.flatMap(({ type, session_id: id }) => (type === 'login' ? (id ?? []) : [])),
    )
    t.ok(answered.size >= KILLS / 2, `${answered.size} logins were answered`)
    for (const id of answered) t.ok(logins.has(id), 'a login that was answered is told')
    t.comment(`${timeline.length} events, ${receiver.came.length} messages`)
  })
}

/** Drops a connection now and then, by a rule that is no chance. */
let calls = 0
function flaky(kill: number, drop: () => void): void {
  if (++calls % (7 + (kill % 4)) === 0) drop()
}

/** Starts the program again. Nobody is there who could have the messages that the one before had taken. */
async function restart(killed: Instance, env: Record<string, string>, db: Sql): Promise<Instance> {
  await killed.stop('SIGKILL')
  await db.run(queriesFor(db).updateTable('oneseat_outbox').set({ next_at: sql`created_at` }))
  return startInstance(env)
}

async function openSql(t: Test, url: string): Promise<Sql> {
  const isFile = url.startsWith('file:')
  const { db } = isFile ? await openSqlite(url.slice('file:'.length)) : await openPostgres(url, () => {})
  t.teardown(() => db.close())
  return db
}
