import type { App } from '../http/types.ts'
import { localNotices } from '../notices/local.ts'
import { postgresRegister } from '../stores/postgres.ts'
import { postgresCounters } from '../throttle/postgres.ts'
import type { SqlDatabase } from './engines.ts'
import { openPostgres } from './open-postgres.ts'

/** All that can be kept in PostgreSQL. Its notices reach this process only. */
export async function openOnPostgres(app: App, url: string): Promise<SqlDatabase> {
  const { db, pool, counting } = await openPostgres(url, (error) =>
    app.log.warn({ err: error, event: 'postgres_error' }, 'a PostgreSQL connection failed'),
  )
  return {
    db,
    seats: async (insurance) => ({
      register: await postgresRegister(pool),
      notices: localNotices(),
      counters: await postgresCounters(counting, insurance),
    }),
    secrets: () => [], // the settings insist on one
  }
}
