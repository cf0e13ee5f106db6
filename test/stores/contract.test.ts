import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { Register } from '../../src/sessions/store.ts'
import { postgresRegister } from '../../src/stores/postgres.ts'
import { redisRegister } from '../../src/stores/redis.ts'
import { sqliteRegister } from '../../src/stores/sqlite.ts'
import { openDatabase } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'
import { registerContract } from './contract.ts'

t.test('SQLite', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-register-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  await run(t, async (t) => {
    const { file, db } = await openSqlite(join(dir, 'oneseat.db'))
    t.teardown(() => db.destroy())
    return sqliteRegister(file, Date.now)
  })
})

t.test('PostgreSQL', async (t) => {
  const url = await openDatabase(t)
  await run(t, async (t) => {
    const { pool } = await openPostgres(url, () => {})
    t.teardown(() => pool.end()) // Kysely, which nobody asked anything here, would leave it open
    return postgresRegister(pool)
  })
})

t.test('Redis', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  await run(t, async (t) => {
    const redis = new Redis(server.url)
    t.teardown(() => redis.disconnect())
    await redis.ping()
    return redisRegister(redis)
  })
})

async function run(t: Test, open: (t: Test) => Promise<Register>): Promise<void> {
  const [here, there] = [await open(t), await open(t)]
  t.teardown(() => Promise.all([here.close(), there.close()]))
  registerContract(t, here, there)
}
