import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openDatabase } from './database.ts'
import { startRedis } from './redis.ts'
import { CHEAP_HASHES, type EngineName } from './service.ts'

/** Settings for several instances, together or one after another, that use the same stores and the same secret. */
export async function sharedStores(t: Test, engine: EngineName): Promise<Record<string, string>> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-shared-'))
  const redis = engine === 'redis' ? await startRedis() : null
  t.teardown(async () => {
    await redis?.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  return {
    ...CHEAP_HASHES,
    DATABASE_URL: engine === 'postgres' ? await openDatabase(t) : `file:${join(dir, 'oneseat.db')}`,
    SESSION_SECRET: 'all instances know this one secret',
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
  }
}

/** The smallest set of stores, and the one for scale. */
export const PLACES = ['SQLite', 'PostgreSQL and Redis'] as const

/** `sharedStores` for one of these. */
export async function sharedPlace(
  t: Test,
  where: (typeof PLACES)[number],
): Promise<Record<string, string>> {
  if (where === 'SQLite') return sharedStores(t, 'sqlite')
  return { ...(await sharedStores(t, 'redis')), DATABASE_URL: await openDatabase(t) }
}
