import { localNotices } from '../notices/local.ts'
import { sqliteRegister } from '../stores/sqlite.ts'
import { localLimiter } from '../throttle/limiter.ts'
import type { SqlDatabase } from './engines.ts'
import { openSqlite } from './open-sqlite.ts'
import { keptSecret } from './session-secret.ts'
import { whenUnlocked } from './when-unlocked.ts'

/** All that can be kept in one file and one machine. */
export async function openOnSqlite(path: string): Promise<SqlDatabase> {
  const { db, file } = await openSqlite(path)
  return {
    db,
    seats: async () => ({
      register: await whenUnlocked(() => sqliteRegister(file, Date.now)), // which makes its table
      notices: localNotices(),
      limiter: localLimiter(),
    }),
    secrets: () => [keptSecret(path)],
  }
}
