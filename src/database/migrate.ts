import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import * as users from './migrations/001-users.ts'
import * as timeline from './migrations/002-timeline.ts'
import * as skeletons from './migrations/003-skeletons.ts'

/** Brings the tables up to date, in order and once each. Safe when several instances start together. */
export async function migrate(db: Kysely<never>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

const MIGRATIONS = { '001-users': users, '002-timeline': timeline, '003-skeletons': skeletons }
