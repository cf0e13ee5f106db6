import { type Kysely, sql } from 'kysely'
import { DEFAULT_MIGRATION_TABLE, Migrator } from 'kysely/migration'
import { StartFailure } from '../settings/start-failure.ts'
import * as users from './migrations/001-users.ts'
import * as timeline from './migrations/002-timeline.ts'

/** Brings the tables up to date, in order and once each. Safe when several instances start together. */
export async function migrate(db: Kysely<never>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  const unknown = await unknownMigrations(db).catch(() => [])
  if (unknown.length === 0) throw error
  throw new StartFailure(
    `a newer version of this program has changed this database (${unknown.join(', ')}). Start that version, or put back a backup from before.`,
    { cause: error },
  )
}

/** What was done to the database that this version does not know. */
async function unknownMigrations(db: Kysely<never>): Promise<string[]> {
  const { rows } = await sql<{
    name: string
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db)
  return rows.map(({ name }) => name).filter((name) => !Object.hasOwn(MIGRATIONS, name))
}

const MIGRATIONS = { '001-users': users, '002-timeline': timeline }
