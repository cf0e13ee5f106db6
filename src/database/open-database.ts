import type { SessionStore } from '../sessions/store.ts'
import type { Wanted } from './migrate.ts'
import type { PostgresStore } from './open-postgres.ts'
import type { Sql } from './sql.ts'

/** A SQL database. `openStore` is for sessions in this database; `postgres` is null for a SQLite file. */
export type OpenDatabase = {
  db: Sql
  openStore: () => Promise<SessionStore>
  postgres: PostgresStore | null
}

/**
 * Opens the database at `url`, `file:` and a path or `postgres://…`, and imports only its client. `onError` is called for lost
 * connections.
 */
export async function openDatabase(
  url: string,
  wanted: Wanted,
  onError: (error: Error) => void,
): Promise<OpenDatabase> {
  const table = `${wanted.prefix}sessions`
  if (url.startsWith('file:')) {
    const [{ openSqlite }, { sqliteStore }] = await Promise.all([
      import('./open-sqlite.ts'),
      import('../stores/sqlite.ts'),
    ])
    const { file, db } = await openSqlite(pathOf(url), wanted)
    return { db, openStore: async () => sqliteStore(file, Date.now, table), postgres: null }
  }
  const [{ openPostgres }, { postgresStore }] = await Promise.all([
    import('./open-postgres.ts'),
    import('../stores/postgres.ts'),
  ])
  const postgres = await openPostgres(url, onError, wanted)
  return { db: postgres.db, openStore: () => postgresStore(postgres.pool, table), postgres }
}

/** The path of a SQLite file, unchanged. */
export function pathOf(url: string): string {
  return url.replace(/^file:/, '')
}
