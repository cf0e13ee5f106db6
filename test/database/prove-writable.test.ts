import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import pg from 'pg'
import t from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { proveWritable } from '../../src/database/prove-writable.ts'
import { Browser } from '../support/browser.ts'
import { openDatabase } from '../support/database.ts'
import { startInstance } from '../support/process.ts'
import { sharedStores } from '../support/stores.ts'

t.test(
  'a PostgreSQL database that is read-only is no place to write, and then it is again',
  async (t) => {
    const url = await openDatabase(t)
    const { db, pool } = await openPostgres(url, () => {})
    t.teardown(() => db.close())
    await proveWritable(db)
    const readOnly = async (value: 'on' | 'off') => {
      const name = new URL(url).pathname.slice(1)
      const admin = new pg.Client(new URL('/postgres', url).href)
      await admin.connect()
      await admin.query(`ALTER DATABASE ${name} SET default_transaction_read_only = ${value}`)
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
        name,
      ])
      await admin.end()
      await new Promise((done) => setTimeout(done, 50)) // until the pool knows
    }
    await readOnly('on')
    await t.rejects(proveWritable(db), { code: 'store_unavailable', cause: { code: '25006' } })
    await readOnly('off')
    await proveWritable(db)
    t.strictSame((await pool.query('SELECT * FROM oneseat_histories')).rows, [])
  },
)

t.test('in SQLite it writes to the disk, and everything stays as it was', async (t) => {
  const { file, db } = await openSqlite(':memory:')
  t.teardown(() => db.close())
  const before = file.serialize()
  await proveWritable(db)
  t.strictSame(file.prepare('SELECT * FROM oneseat_histories').all(), [])
  t.equal(file.serialize().length, before.length)
})

t.test('a service whose disk is full is not ready, and is when there is room again', async (t) => {
  const env = await sharedStores(t, 'sqlite')
  const instance = await startInstance(env)
  t.teardown(() => instance.stop())
  const browser = new Browser(instance.url)
  const setLargest = (size: number | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(instance.pid), `--fsize=${size}:unlimited`])
  t.equal((await browser.get('/health/ready')).status, 200)
  setLargest(statSync(`${(env['DATABASE_URL'] ?? '').slice('file:'.length)}-wal`).size)
  t.match(await browser.get('/health/ready'), { status: 503, body: { code: 'store_unavailable' } })
  t.equal((await browser.get('/health/live')).status, 200)
  setLargest('unlimited')
  t.equal((await browser.get('/health/ready')).status, 200)
})
