import cluster from 'node:cluster'
import { openSqlite } from './accounts/sqlite.ts'
import type { SqlDatabase } from './engines.ts'
import { noticesHere } from './notices/here.ts'
import { sqliteRegister } from './registers/sqlite.ts'
import { keptSecret } from './session-secret.ts'
import { localLimiter } from './throttle/limiter.ts'
import { workersLimiter } from './throttle/workers.ts'

/** All that can be kept in one file and one machine. */
export async function openOnSqlite(path: string): Promise<SqlDatabase> {
  const { db, file } = await openSqlite(path)
  return {
    db,
    seats: async (insurance) => ({
      register: sqliteRegister(file, Date.now),
      notices: noticesHere(),
      limiter: cluster.isWorker ? workersLimiter(insurance) : localLimiter(),
      copyCounts: null,
    }),
    secrets: () => [keptSecret(path)],
  }
}
