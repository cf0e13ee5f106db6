import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StartFailure } from '../settings/start-failure.ts'
import * as accounts from './migrations/001-accounts.ts'
import * as firstTables from './migrations/002-first-tables.ts'
import * as outbox from './migrations/004-outbox.ts'
import * as devices from './migrations/005-devices.ts'
import * as sessions from './migrations/core-001-sessions.ts'
import { coreTables } from './tables.ts'

/** Which tables a database is to have: those of the core under a prefix, and those of the service. */
export type Wanted = { prefix: string; service: boolean }

/** All that the service needs. */
export const SERVICE: Wanted = { prefix: 'oneseat_', service: true }

/** Brings the tables up to date, in order and once each. Safe when several instances start together. */
export async function migrate(
  db: Kysely<unknown>,
  kind: 'sqlite' | 'postgres',
  { prefix, service }: Wanted,
): Promise<void> {
  await bringUp(db, `${prefix}migrations`, {
    '001-sessions': { up: (db) => sessions.up(db, coreTables(prefix)) },
  })
  if (!service) return
  await bringUp(db, 'oneseat_service_migrations', {
    '001-accounts': accounts,
    '002-first-tables': { up: (db) => firstTables.up(db, kind) },
    '004-outbox': { up: (db) => outbox.up(db, kind) },
    '005-devices': devices,
  })
}

async function bringUp(
  db: Kysely<unknown>,
  table: string,
  migrations: Record<string, Migration>,
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  const done = await sql<{ name: string }>`select name from ${sql.table(table)}`
    .execute(db)
    .catch(() => ({ rows: [] })) // then `error` says more
  const unknown = done.rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length === 0) throw error
  throw new StartFailure(
    `a newer version of this program has changed this database (${unknown.join(', ')}). Start that version, or put back a backup from before.`,
    { cause: error },
  )
}
