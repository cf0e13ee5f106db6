import { openSqlite } from './accounts/sqlite.ts'
import type { SqlDatabase } from './engines.ts'
import { localNotices } from './notices/local.ts'
import { sqliteRegister } from './registers/sqlite.ts'
import { keptSecret } from './session-secret.ts'
import { localLimiter } from './throttle/limiter.ts'

/** All that can be kept in one file and one machine. */
export async function openOnSqlite(path: string): Promise<SqlDatabase> {
  const { db, file } = await openSqlite(path)
  return {
    db,
    seats: async () => ({
      register: sqliteRegister(file, Date.now),
      notices: localNotices(),
      limiter: localLimiter(),
    }),
    secrets: () => [keptSecret(path)],
  }
}
