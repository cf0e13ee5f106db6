import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import type { Counters } from '../../src/throttle/counters.ts'
import { localCounters } from '../../src/throttle/local.ts'
import { postgresCounters } from '../../src/throttle/postgres.ts'
import { redisCounters } from '../../src/throttle/redis.ts'
import { sqliteCounters } from '../../src/throttle/sqlite.ts'
import { openDatabase } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'

/** For tests that count to the last one, on a machine that is busy with others. */
const PATIENT = { patience: 5_000 }

/** Where counters can be kept, each with two instances that share them if they can. */
export async function openCounters(t: Test): Promise<Record<string, readonly [Counters, Counters]>> {
  const redis = await startRedis()
  const { db, counting: pool } = await openPostgres(await openDatabase(t), () => {})
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-counters-'))
  const local = localCounters()
  const file = join(dir, 'counters')
  const engines = {
    'this process': [local, local],
    SQLite: [sqliteCounters(file, PATIENT), sqliteCounters(file, PATIENT)],
    Redis: [redisCounters(redis.client, PATIENT), redisCounters(redis.client, PATIENT)],
    PostgreSQL: [postgresCounters(pool, PATIENT), postgresCounters(pool, PATIENT)],
  } as const
  t.teardown(async () => {
    for (const instances of Object.values(engines)) for (const counters of instances) counters.close()
    await db.close()
    await redis.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  return engines
}
