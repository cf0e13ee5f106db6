import { type RawBuilder, type Selectable, sql } from 'kysely'
import { proveWritable } from '../database/prove-writable.ts'
import { all, one, type Sql, type Transaction } from '../database/sql.ts'
import type { SqlNumbers } from '../database/sql-numbers.ts'
import { newUserRow } from '../database/sql-numbers.ts'
import { type AccountRow, queriesFor, type UserRow } from '../database/tables.ts'
import { Refusal } from '../errors.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import { type Account, type Accounts, ADMIN, type NewAccount } from './accounts.ts'
import { skeletonOf } from './skeleton.ts'

/** Keeps events, as a part of a transaction. */
type Record = (events: readonly TimelineEvent[]) => Transaction<void>

/** Accounts in any SQL database. */
export function sqlAccounts(db: Sql, { parts }: Pick<SqlNumbers, 'parts'>, record: Record): Accounts {
  const queries = queriesFor(db)
  const accounts = queries
    .selectFrom('oneseat_accounts')
    .innerJoin('oneseat_users', 'oneseat_users.id', 'oneseat_accounts.user_id')
    .selectAll()

  return {
    async create(account, event) {
      const made = await db.transaction(() => insertAll([account], event))
      if (made.size === 0) throw new Refusal('username_taken')
      return newAccount(account)
    },

    async findTaken(usernames) {
      if (usernames.length === 0) return []
      const rows = await db.run(
        queries
          .selectFrom('oneseat_accounts')
          .select(['username', 'skeleton'])
          .where(({ or, eb }) =>
            or([eb('username', 'in', usernames), eb('skeleton', 'in', usernames.map(skeletonOf))]),
          ),
      )
      const names = new Set(rows.map((row) => row.username))
      const skeletons = new Set(rows.map((row) => row.skeleton))
      return usernames.filter((name) => names.has(name) || skeletons.has(skeletonOf(name)))
    },

    async createAll(wanted, event) {
      if (wanted.length === 0) return []
      const made = await db.transaction(() => insertAll(wanted, event))
      return wanted.filter(({ id }) => !made.has(id))
    },

    async sampleHashes(limit) {
      const hashes = queries.selectFrom('oneseat_accounts').select('password_hash')
      const rows = await db.run(hashes.orderBy('user_id').limit(limit)) // ids are random
      return rows.map((row) => row.password_hash)
    },

    async findByUsername(username) {
      const [row] = await db.run(accounts.where('username', '=', username))
      return row === undefined ? null : { ...toAccount(row), passwordHash: row.password_hash }
    },

    async findById(userId) {
      const [row] = await db.run(accounts.where('user_id', '=', userId))
      return row === undefined ? null : toAccount(row)
    },

    setPassword:
      ({ id, handle }, credentialNumber, hash) =>
      (raise) =>
        db.transaction(function* () {
          const user = yield* parts.raise(handle, raise, {
            credential: true,
            ifCredential: credentialNumber,
          })
          if (user === null || user === 'outdated') return user
          const update = queries.updateTable('oneseat_accounts').set({ password_hash: hash })
          yield* all(update.where('user_id', '=', id))
          return user
        }),

    change:
      ({ id, handle }, { roles, disabled }) =>
      (raise) =>
        db.transaction(function* () {
          const stays = (roles === undefined || roles.includes(ADMIN)) && disabled !== true
          if (!stays && (yield* isLastAdmin(id))) throw new Refusal('last_admin')
          return yield* parts.raise(handle, raise, { roles, disabled })
        }),

    dispute:
      ({ id, handle }, { from, until }) =>
      (raise) =>
        db.transaction(function* () {
          const before = yield* one(
            queries.selectFrom('oneseat_users').select('data').where('id', '=', id),
          )
          const data = { ...JSON.parse(before?.data ?? '{}'), mustChangePassword: true }
          const user = yield* parts.raise(handle, raise, { data })
          if (user === null || user === 'outdated') return user
          const earlier = sql<number>`case when disputed_from < ${from} then disputed_from else ${from} end`
          const update = queries.updateTable('oneseat_accounts')
          yield* all(
            update.set({ disputed_from: earlier, disputed_until: until }).where('user_id', '=', id),
          )
          return user
        }),

    async rehash(userId, from, to) {
      const update = queries.updateTable('oneseat_accounts').set({ password_hash: to })
      await db.run(update.where('user_id', '=', userId).where('password_hash', '=', from))
    },

    async list({ after, limit, search }) {
      const rows = await db.run(
        accounts
          .where('username', '>', after)
          .$if(search !== undefined, (select) => select.where(contains('username', search ?? '')))
          .orderBy('username')
          .limit(limit),
      )
      return rows.map(toAccount)
    },

    async listOnline({ now, after, limit }) {
      const rows = await db.run(
        queries
          .selectFrom('oneseat_users')
          .select(['id', 'handle', 'data', 'live_until'])
          .where('live_until', '>', now)
          .$if(after !== null, (select) =>
            select.where(sql<boolean>`(live_until, id) < (${after?.liveUntil}, ${after?.id})`),
          )
          .orderBy('live_until', 'desc')
          .orderBy('id', 'desc')
          .limit(limit),
      )
      return rows.map(({ id, handle, data, live_until }) => {
        return { id, handle, username: usernameOf(data) ?? id, liveUntil: live_until }
      })
    },

    async ping() {
      await proveWritable(db)
    },
  }

  /** Makes the accounts whose names are free, and gives their ids. */
  function* insertAll(
    wanted: readonly NewAccount[],
    event: Omit<TimelineEvent, 'userId'>,
  ): Transaction<Set<string>> {
    const made = yield* all(
      queries
        .insertInto('oneseat_accounts')
        .values(wanted.map(newAccountRow))
        .onConflict((clash) => clash.doNothing()) // of the name, or of what it looks like
        .returning('user_id'),
    )
    const ids = new Set(made.map(({ user_id }) => user_id))
    const users = wanted.filter(({ id }) => ids.has(id))
    if (users.length > 0) yield* all(queries.insertInto('oneseat_users').values(users.map(userRowOf)))
    yield* record(users.map(({ id }) => ({ ...event, userId: id })))
    return ids
  }

  /** Two administrators who demote each other at once see each other's change: the rows are locked. */
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

function contains(column: string, text: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} like ${`%${text.replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`
}

function newAccountRow({ id, username, passwordHash, createdAt }: NewAccount): AccountRow {
  return {
    user_id: id,
    username,
    skeleton: skeletonOf(username),
    password_hash: passwordHash,
    created_at: createdAt,
    last_login_at: null,
    disputed_from: null,
    disputed_until: null,
  }
}

function userRowOf({ id, handle, username, roles, createdAt }: NewAccount): UserRow {
  const data = JSON.stringify({ username, createdAt })
  return { ...newUserRow(id, handle), roles: JSON.stringify(roles), data }
}

function newAccount({ passwordHash: _, ...account }: NewAccount): Account {
  return { ...account, disabled: false, credentialNumber: 0, lastLoginAt: null, disputed: null }
}

function toAccount(row: Selectable<AccountRow & UserRow>): Account {
  return {
    id: row.user_id,
    handle: row.handle,
    username: row.username,
    roles: JSON.parse(row.roles) as string[],
    disabled: row.disabled === 1,
    createdAt: row.created_at,
    credentialNumber: row.credential_number,
    lastLoginAt: row.last_login_at,
    disputed:
      row.disputed_from === null || row.disputed_until === null
        ? null
        : { from: row.disputed_from, until: row.disputed_until },
  }
}

function usernameOf(data: string | null): string | null {
  const { username } = (data === null ? {} : JSON.parse(data)) as { username?: unknown }
  return typeof username === 'string' ? username : null
}
