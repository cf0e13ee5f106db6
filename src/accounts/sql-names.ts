import { hash } from 'node:crypto'
import { all, type Sql, type Transaction } from '../database/sql.ts'
import { queriesFor } from '../database/tables.ts'
import { Refusal } from '../errors.ts'
import { skeletonOf } from './skeleton.ts'

/** Names that are taken, and names that are held because their user was deleted less than 30 days ago. */
export type SqlNames = {
  /** Which of these names are held. */
  held(usernames: readonly string[]): Transaction<readonly string[]>
  /** Holds a name until this time. Only its hash is stored. */
  hold(username: string, until: number): Transaction<void>
  /** Gives a user another name. Throws `username_taken`. */
  rename(userId: string, username: string): Transaction<void>
  /** Removes at most `limit` names that are free again, and gives how many. */
  forget(limit: number): Promise<number>
}

export function sqlNames(db: Sql): SqlNames {
  const queries = queriesFor(db)
  return { held, hold, rename, forget }

  function* held(usernames: readonly string[]): Transaction<readonly string[]> {
    if (usernames.length === 0) return []
    const hashes = queries.selectFrom('oneseat_held_names').select('hash').where('until', '>', db.now)
    const rows = yield* all(hashes.where('hash', 'in', usernames.map(hashName)))
    const found = new Set(rows.map((row) => row.hash))
    return usernames.filter((username) => found.has(hashName(username)))
  }

  function* hold(username: string, until: number): Transaction<void> {
    yield* all(
      queries
        .insertInto('oneseat_held_names')
        .values({ hash: hashName(username), until })
        .onConflict((clash) => clash.column('hash').doUpdateSet({ until })),
    )
  }

  function* rename(userId: string, username: string): Transaction<void> {
    // Otherwise two transactions that take a name at the same time would not see each other.
    yield* db.lockTable('oneseat_accounts')
    const skeleton = skeletonOf(username)
    const others = queries.selectFrom('oneseat_accounts').select('user_id')
    const taken = yield* all(
      others
        .where('user_id', '!=', userId)
        .where(({ or, eb }) => or([eb('username', '=', username), eb('skeleton', '=', skeleton)])),
    )
    const isHeld = (yield* held([username])).length > 0
    if (taken.length > 0 || isHeld) throw new Refusal('username_taken')
    const update = queries.updateTable('oneseat_accounts').set({ username, skeleton })
    yield* all(update.where('user_id', '=', userId))
  }

  async function forget(limit: number): Promise<number> {
    const free = queries.selectFrom('oneseat_held_names').select('hash')
    const some = free.where('until', '<=', db.now).limit(limit)
    const gone = queries.deleteFrom('oneseat_held_names').where('hash', 'in', some)
    return (await db.run(gone.returning('hash'))).length
  }
}

/** Names that look the same have the same hash. */
function hashName(username: string): string {
  return hash('sha256', `oneseat name ${skeletonOf(username)}`, 'base64url')
}
