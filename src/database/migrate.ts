import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { NOT_MADE, StartFailure } from '../settings/start-failure.ts'
import * as accounts from './migrations/001-accounts.ts'
import * as firstTables from './migrations/002-first-tables.ts'
import * as keys from './migrations/003-keys.ts'
import * as outbox from './migrations/004-outbox.ts'
import * as accountLife from './migrations/005-account-life.ts'
import * as devices from './migrations/006-devices.ts'
import * as answersOfUsers from './migrations/007-answers-of-users.ts'
import * as throttle from './migrations/008-throttle.ts'
import * as sessions from './migrations/core-001-sessions.ts'
import { coreTables } from './tables.ts'

/**
 * Which tables a database needs: those of the core with a prefix, and those of the service. With `make: false` nothing is made or
 * changed, and a missing table is a `StartFailure`: for commands that only read.
 */
export type Wanted = { prefix: string; service: boolean; make?: boolean }

/** The tables of the service. */
export const SERVICE: Wanted = { prefix: 'oneseat_', service: true }

/** Runs each migration once, in order. Several instances can start at the same time. */
export async function migrate(
  db: Kysely<unknown>,
  kind: 'sqlite' | 'postgres',
  { prefix, service, make = true }: Wanted,
): Promise<void> {
  const bring = make ? bringUp : requireAll
  await bring(db, `${prefix}migrations`, {
    '001-sessions': { up: (db) => sessions.up(db, coreTables(prefix)) },
  })
  if (!service) return
  await bring(db, 'oneseat_service_migrations', {
    '001-accounts': accounts,
    '002-first-tables': { up: (db) => firstTables.up(db, kind) },
    '003-keys': keys,
    '004-outbox': { up: (db) => outbox.up(db, kind) },
    '005-account-life': accountLife,
    '006-devices': devices,
    '007-answers-of-users': answersOfUsers,
    '008-throttle': { up: (db) => throttle.up(db, kind) },
  })
}

async function requireAll(
  db: Kysely<unknown>,
  table: string,
  migrations: Record<string, Migration>,
): Promise<void> {
  const all = await migratorFor(db, table, migrations).getMigrations()
  if (all.some(({ executedAt }) => executedAt === undefined)) throw new StartFailure(NOT_MADE)
}

async function bringUp(
  db: Kysely<unknown>,
  table: string,
  migrations: Record<string, Migration>,
): Promise<void> {
  const { error } = await migratorFor(db, table, migrations).migrateToLatest()
  if (error === undefined) return
  const done = await sql<{ name: string }>`select name from ${sql.table(table)}`
    .execute(db)
    .catch(() => ({ rows: [] })) // `error` says more
  const unknown = done.rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length === 0) throw error
  throw new StartFailure(
    `a newer version of this program has changed this database (${unknown.join(', ')}). Start that version, or put back a backup from before.`,
    { cause: error },
  )
}

function migratorFor(
  db: Kysely<unknown>,
  table: string,
  migrations: Record<string, Migration>,
): Migrator {
  return new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  })
}
