import type { Selectable } from 'kysely'
import type { Sql } from '../database/sql.ts'
import { refuseStandby } from '../database/sql-numbers.ts'
import { type KeyRow, queriesFor } from '../database/tables.ts'
import type { Keys, ServiceKey } from './keys.ts'

/** Service keys in SQL. Nothing is cached: a revoked key is refused at the next request. */
export function sqlKeys(db: Sql): Keys {
  const queries = queriesFor(db)

  return {
    async add({ name, scope, hash }) {
      const row = { name, scope, hash, created_at: db.now, last_used_at: null }
      const made = await db.run(
        queries
          .insertInto('oneseat_keys')
          .values(row)
          .onConflict((clash) => clash.column('name').doNothing())
          .returning('name'),
      )
      return made.length > 0
    },

    async find(hash) {
      const [row] = await db.run(
        queries
          .selectFrom('oneseat_keys')
          .selectAll()
          .select([db.isStandby.as('standby'), db.now.as('now')])
          .where('hash', '=', hash),
      )
      if (row === undefined) return null
      refuseStandby(row)
      if (row.now - (row.last_used_at ?? 0) >= MINUTE) {
        await db.run(
          queries.updateTable('oneseat_keys').set({ last_used_at: db.now }).where('hash', '=', hash),
        )
      }
      return toKey(row)
    },

    async list() {
      const rows = await db.run(queries.selectFrom('oneseat_keys').selectAll().orderBy('name'))
      return rows.map(toKey)
    },

    async revoke(name) {
      const gone = await db.run(
        queries.deleteFrom('oneseat_keys').where('name', '=', name).returning('name'),
      )
      return gone.length > 0
    },
  }
}

function toKey({ name, scope, created_at, last_used_at }: Selectable<KeyRow>): ServiceKey {
  return { name, scope, createdAt: created_at, lastUsedAt: last_used_at }
}

/** The precision of `lastUsedAt`, milliseconds. */
const MINUTE = 60_000
