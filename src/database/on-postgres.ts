import type { App } from '../http/types.ts'
import { localNotices } from '../notices/local.ts'
import { postgresStore } from '../stores/postgres.ts'
import { postgresCounters } from '../throttle/postgres.ts'
import type { SqlDatabase } from './engine-types.ts'
import type { Wanted } from './migrate.ts'
import { openPostgres } from './open-postgres.ts'

/** All that can be kept in PostgreSQL. Its notices reach this process only. */
export async function openOnPostgres(app: App, url: string, wanted: Wanted): Promise<SqlDatabase> {
  const warn = (err: Error) => app.log.warn({ err, event: 'postgres_error' }, 'PostgreSQL failed')
  const { db, pool, counting, givesUp } = await openPostgres(url, warn, wanted)
  if (!givesUp) app.log.warn({ event: 'weak_setting' }, NO_LIMITS)
  return {
    db,
    seats: async (insurance) => ({
      store: await postgresStore(pool),
      notices: localNotices(),
      counters: postgresCounters(counting, insurance),
    }),
    secrets: () => [], // the settings insist on one
  }
}

const NO_LIMITS =
  'DATABASE_URL: what answers there takes no limits of time, as a pooler does. Set statement_timeout for the role in PostgreSQL itself (docs/operations.md).'
