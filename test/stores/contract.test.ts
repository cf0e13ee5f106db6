import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { SessionStore } from '../../src/sessions/store.ts'
import { postgresStore } from '../../src/stores/postgres.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { openDatabase } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'
import { storeContract } from './contract.ts'

type Opened = { store: SessionStore; refuseWrites(refuse: boolean): Promise<unknown> }

t.test('SQLite', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-store-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  await run(t, async (t) => {
    const { file, db } = await openSqlite(join(dir, 'oneseat.db'))
    t.teardown(() => db.close())
    return {
      store: sqliteStore(file, Date.now),
      refuseWrites: async (refuse) => file.pragma(`query_only = ${refuse}`),
    }
  })
})

t.test('PostgreSQL', async (t) => {
  const url = await openDatabase(t)
  await run(t, async (t) => {
    const { pool, db } = await openPostgres(url, () => {})
    t.teardown(() => db.close())
    return {
      store: await postgresStore(pool),
      // As on a standby: every connection that there can be.
      refuseWrites: async (refuse) => {
        const all = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()))
        for (const client of all) {
          await client.query(`SET default_transaction_read_only = ${refuse}`)
          client.release()
        }
      },
    }
  })
})

t.test('Redis', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  await run(t, async (t) => {
    const redis = new Redis(server.url)
    t.teardown(() => redis.disconnect())
    await redis.ping()
    return {
      store: redisStore(redis),
      // As one that has no memory left, and may throw nothing away.
      refuseWrites: (refuse) => redis.config('SET', 'maxmemory', refuse ? '1' : '0'),
    }
  })
})

async function run(t: Test, open: (t: Test) => Promise<Opened>): Promise<void> {
  const [here, there] = [await open(t), await open(t)]
  t.teardown(() => Promise.all([here.store.close(), there.store.close()]))
  storeContract(t, {
    ...{ here: here.store, there: there.store },
    refuseWrites: async (refuse) => {
      await here.refuseWrites(refuse)
      await there.refuseWrites(refuse)
    },
  })
}
