import { type Selectable, sql } from 'kysely'
import type { Sql, Transaction } from '../database/sql.ts'
import type { SqlNumbers } from '../database/sql-numbers.ts'
import { queriesFor, type UserRow } from '../database/tables.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { NumberedUser, Raise } from '../sessions/numbers.ts'
import type { UserData } from '../sessions/record.ts'
import type { ExternalUser, ExternalUsers } from './external-users.ts'
import { forgetUser } from './forget-user.ts'
import { lockUser, withEventsOf } from './lock-user.ts'

/** External users in SQL. They only have the rows of the sessions core. */
export function sqlExternalUsers(
  db: Sql,
  { parts }: Pick<SqlNumbers, 'parts'>,
  outbox: Pick<Outbox, 'add'>,
): ExternalUsers {
  const queries = queriesFor(db)
  const users = queries.selectFrom('oneseat_users').selectAll().where('deleted_at', 'is', null)

  return {
    async find(id) {
      const [row] = await db.run(users.where('id', '=', id))
      return row === undefined ? null : toExternalUser(row)
    },

    async list({ after, limit, search }) {
      const pattern = `%${(search ?? '').replace(/[\\%_]/g, '\\$&')}%`
      const found = users.where('id', '>', after).where(sql<boolean>`id like ${pattern} escape '\\'`)
      return (await db.run(found.orderBy('id').limit(limit))).map(toExternalUser)
    },

    change: (user, wish) => (raise) => db.transaction(() => change(user, raise, wish)),

    delete: (user, at) => (raise) => db.transaction(() => remove(user, raise, at)),
  }

  function* change(
    { id, handle }: ExternalUser,
    raise: Raise,
    wish: Parameters<ExternalUsers['change']>[1],
  ): Transaction<NumberedUser | 'outdated' | null> {
    const locked = yield* lockUser(db, id)
    if (locked === null) return null
    const told = withEventsOf(raise, locked, wish)
    const user = yield* parts.raise(handle, told, wish)
    return user === null || user === 'outdated' ? user : { ...user, note: told.purpose.note }
  }

  function* remove(
    { id, handle }: ExternalUser,
    raise: Raise,
    at: number,
  ): Transaction<NumberedUser | 'outdated' | null> {
    if ((yield* lockUser(db, id)) === null) return null // another request was faster, and has stored the event
    const user = yield* parts.raise(handle, raise, { deletedAt: at, roles: [], data: null })
    if (user === null || user === 'outdated') return user
    yield* forgetUser(db, outbox, id)
    return user
  }
}

function toExternalUser({ id, handle, roles, disabled, data }: Selectable<UserRow>): ExternalUser {
  const kept = (data === null ? {} : JSON.parse(data)) as {
    name?: string | null
    data?: UserData | null
  }
  return {
    id,
    handle,
    name: kept.name ?? null,
    roles: JSON.parse(roles) as string[],
    disabled: disabled === 1,
    data: kept.data ?? null,
  }
}
