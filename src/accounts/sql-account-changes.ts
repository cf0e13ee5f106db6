import { sql } from 'kysely'
import { all, type Sql, type Transaction } from '../database/sql.ts'
import type { SqlNumbers } from '../database/sql-numbers.ts'
import { queriesFor } from '../database/tables.ts'
import { Refusal } from '../errors.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { NumberedUser, Raise } from '../sessions/numbers.ts'
import { changeData, readData } from './account-data.ts'
import { contains } from './account-rows.ts'
import { type AccountChange, type Accounts, ADMIN, type Along } from './accounts.ts'
import { forgetUser } from './forget-user.ts'
import { lockUser, withEventsOf } from './lock-user.ts'
import type { SqlNames } from './sql-names.ts'
import type { SqlTokens } from './sql-tokens.ts'

type Changing = Pick<Accounts, 'change' | 'dispute' | 'delete'>
type Who = { id: string; handle: string }
type Outcome = NumberedUser | 'outdated' | null
type Parts = { numbers: SqlNumbers['parts']; names: SqlNames; tokens: SqlTokens; outbox: Outbox }

/** Changes of accounts in SQL. Each is one transaction with a new login number, so that running sessions get the change. */
export function accountChanges(db: Sql, { numbers, names, tokens, outbox }: Parts): Changing {
  const queries = queriesFor(db)

  return {
    change: (account, wish, along) => (raise) =>
      db.transaction(() => apply(account, raise, wish, along)),
    dispute: (account, when) => (raise) => db.transaction(() => dispute(account, raise, when)),
    delete: (account, at, along) => (raise) => db.transaction(() => remove(account, raise, at, along)),
  }

  function* apply(
    { id, handle }: Who,
    raise: Raise,
    { username, email, passwordHash, mustChangePassword, roles, disabled }: AccountChange,
    { uses, makes, messages = [], ifCredential }: Along = {},
  ): Transaction<Outcome> {
    const staysAdmin = (roles === undefined || roles.includes(ADMIN)) && disabled !== true
    if (!staysAdmin && (yield* isLastAdmin(id))) throw new Refusal('last_admin')
    const locked = yield* lockUser(db, id)
    if (locked === null) return null
    const data = readData(locked.data)
    const told = withEventsOf(raise, { ...data, ...locked }, { username, email, roles, disabled })
    const isPassword = passwordHash !== undefined
    const due = isPassword ? false : mustChangePassword
    const endsSessions = isPassword || due === true
    const user = yield* numbers.raise(handle, told, {
      ...{ roles, disabled, data: changeData(data, { username, email, mustChangePassword: due }) },
      ...(endsSessions ? { credential: true } : {}),
      ifCredential,
    })
    if (user === null || user === 'outdated') return user
    if (uses !== undefined) yield* tokens.use(uses.purpose, uses.hash)
    if (username !== undefined && username !== data.username) yield* names.rename(id, username)
    if (isPassword) {
      const update = queries.updateTable('oneseat_accounts').set({ password_hash: passwordHash })
      yield* all(update.where('user_id', '=', id))
    }
    if (endsSessions || email !== undefined) yield* tokens.void(id, OF_THE_OWNER)
    if (!staysAdmin) yield* tokens.void(id, ['invitation'])
    if (makes !== undefined) yield* tokens.keep(makes)
    for (const message of messages) yield* outbox.add(message)
    return { ...user, note: told.purpose.note }
  }

  /** Links become invalid too: the other person may have asked for them. */
  function* dispute(
    { id, handle }: Who,
    raise: Raise,
    { from, until }: { from: number; until: number },
  ): Transaction<Outcome> {
    const locked = yield* lockUser(db, id)
    if (locked === null) return null
    const due = changeData(readData(locked.data), { mustChangePassword: true })
    const user = yield* numbers.raise(handle, raise, { data: due })
    if (user === null || user === 'outdated') return user
    const earlier = sql<number>`case when disputed_from < ${from} then disputed_from else ${from} end`
    const update = queries.updateTable('oneseat_accounts')
    yield* all(update.set({ disputed_from: earlier, disputed_until: until }).where('user_id', '=', id))
    yield* tokens.void(id, OF_THE_OWNER)
    return user
  }

  function* remove(
    { id, handle, username }: Who & { username: string },
    raise: Raise,
    at: number,
    { ifCredential }: Pick<Along, 'ifCredential'> = {},
  ): Transaction<Outcome> {
    if (yield* isLastAdmin(id)) throw new Refusal('last_admin')
    if ((yield* lockUser(db, id)) === null) return null
    const gone = { roles: [], data: null, deletedAt: at, ifCredential }
    const user = yield* numbers.raise(handle, raise, gone)
    if (user === null || user === 'outdated') return user
    yield* all(queries.deleteFrom('oneseat_accounts').where('user_id', '=', id))
    yield* tokens.void(id, [...OF_THE_OWNER, 'invitation'])
    yield* names.hold(username, at + NAME_HELD)
    yield* forgetUser(db, outbox, id)
    return user
  }

  /** The rows are locked, so that two administrators who demote each other at the same time see each other's change. */
  function* isLastAdmin(userId: string): Transaction<boolean> {
    const admins = yield* all(
      queries
        .selectFrom('oneseat_users')
        .select('id')
        .where('disabled', '=', 0)
        .where('deleted_at', 'is', null)
        .where(contains('roles', JSON.stringify(ADMIN)))
        .orderBy('id')
        .$if(db.kind === 'postgres', (select) => select.forUpdate()),
    )
    return admins.length === 1 && admins[0]?.id === userId
  }
}

/** For how many milliseconds nobody can take the name of a deleted user, and be mistaken for them. */
const NAME_HELD = 30 * 24 * 60 * 60 * 1000
/** The kinds of links that are sent only to the owner of an account. */
const OF_THE_OWNER = ['reset', 'confirm'] as const
