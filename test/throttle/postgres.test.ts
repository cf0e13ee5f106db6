import pg from 'pg'
import t from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { LIMITS } from '../../src/throttle/limits.ts'
import { postgresCounters } from '../../src/throttle/postgres.ts'
import { type Attempt, throttleWith } from '../../src/throttle/throttle.ts'
import { startPostgres } from '../support/postgres.ts'

const SECRET = 'a secret that all the instances share'
const stranger = (username: string): Attempt => ({ username, address: '192.0.2.1', device: null })
const wrong = async () => ({ verified: false })
const right = async () => ({ verified: true })

t.test('counters in PostgreSQL', async (t) => {
  const server = await startPostgres()
  t.teardown(() => server.stop())
  const { db, counting } = await openPostgres(server.url, () => {})
  t.teardown(() => db.close())
  const pools = [1, 2].map(() => new pg.Pool({ connectionString: server.url }))
  for (const pool of pools) pool.on('error', () => {}) // the server may end first
  t.teardown(() => Promise.all(pools.map((pool) => pool.end())))
  const counters = pools.map((pool) => postgresCounters(pool, { patience: 5_000 }))
  const instances = counters.map((shared) => throttleWith(shared, SECRET))
  const rowsOf = async (query: string) => (await pools[0]?.query(query))?.rows ?? []

  /** How many of the attempts, made through all instances at once, were verified. */
  async function verifiedOf(count: number, attempt: Attempt, verify: typeof wrong): Promise<number> {
    const attempts = instances.flatMap((throttle) =>
      Array.from({ length: count }, () => throttle(attempt, verify)),
    )
    const settled = await Promise.allSettled(attempts)
    return settled.filter(({ status }) => status === 'fulfilled').length
  }

  await t.test('R-7: two instances share the limits, also at the same moment', async (t) => {
    t.equal(await verifiedOf(10, stranger('ann'), wrong), LIMITS.name.free)
    t.equal(await verifiedOf(10, stranger('bob'), right), 20)
    t.equal(await verifiedOf(1, stranger('ann'), right), 0)
  })

  await t.test('R-11: every counter has an end, and is not logged', async (t) => {
    const counters = await rowsOf('SELECT key, expire FROM oneseat_throttle')
    t.ok(counters.length > 0)
    for (const { key, expire } of counters) {
      t.match(key, /^((name|network):[a-z\d]{1,4}|slot:[a-z\d]{1,5})$/)
      t.ok(Number(expire) > Date.now() && Number(expire) < Date.now() + 3_601_000, key)
    }
    const [table] = await rowsOf(
      "SELECT relpersistence FROM pg_class WHERE relname = 'oneseat_throttle'",
    )
    t.equal(table.relpersistence, 'u')
  })

  await t.test('who may make no table counts in the one that is there', async (t) => {
    await rowsOf('CREATE ROLE guest LOGIN; GRANT ALL ON oneseat_throttle TO guest')
    const pool = new pg.Pool({ connectionString: server.url.replace('oneseat@', 'guest@') })
    pool.on('error', () => {})
    t.teardown(() => pool.end())
    await postgresCounters(pool, { patience: 5_000 }).add('name:1', 1, 60)
    t.match(await rowsOf("SELECT points FROM oneseat_throttle WHERE key = 'name:1'"), [{ points: 1 }])
  })

  await t.test('while the database hangs, attempts take little time, and are limited', async (t) => {
    const throttle = throttleWith(postgresCounters(counting), SECRET)
    server.pause()
    for (let i = 0; i < LIMITS.name.free + 2; i++) {
      const begun = performance.now()
      const outcome = await throttle(stranger('eve'), wrong).catch(({ code }) => code)
      t.ok(performance.now() - begun < 2_000)
      t.match(outcome, i < LIMITS.name.free ? { verified: false } : 'too_many_attempts')
    }
    server.resume()
  })
})
