import { localNotices } from '../notices/local.ts'
import { sqliteStore } from '../stores/sqlite.ts'
import { localCounters } from '../throttle/local.ts'
import { sqliteCounters } from '../throttle/sqlite.ts'
import type { SqlDatabase } from './engine-types.ts'
import type { Wanted } from './migrate.ts'
import { openSqlite } from './open-sqlite.ts'
import { keptSecret } from './session-secret.ts'

/** All that can be kept in one file and one machine. */
export async function openOnSqlite(path: string, wanted: Wanted): Promise<SqlDatabase> {
  const { db, file } = await openSqlite(path, wanted)
  return {
    db,
    seats: async (insurance) => ({
      store: sqliteStore(file, Date.now),
      notices: localNotices(),
      counters: path === ':memory:' ? localCounters() : sqliteCounters(`${path}-throttle`, insurance),
    }),
    secrets: () => [keptSecret(path)],
  }
}
