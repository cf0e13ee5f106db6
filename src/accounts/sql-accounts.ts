import { sql } from 'kysely'
import { proveWritable } from '../database/prove-writable.ts'
import { all, type Sql, type Transaction } from '../database/sql.ts'
import type { SqlNumbers } from '../database/sql-numbers.ts'
import { queriesFor } from '../database/tables.ts'
import { Refusal } from '../errors.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import { contains, newAccount, newAccountRow, toAccount, usernameOf, userRowOf } from './account-rows.ts'
import type { Accounts, Along, NewAccount } from './accounts.ts'
import { skeletonOf } from './skeleton.ts'
import { accountChanges } from './sql-account-changes.ts'
import { sqlNames } from './sql-names.ts'
import { sqlTokens } from './sql-tokens.ts'

/** Stores events as a part of a transaction. */
type Record = (events: readonly TimelineEvent[]) => Transaction<void>

/** Accounts in any SQL database. */
export function sqlAccounts(
  db: Sql,
  { parts }: Pick<SqlNumbers, 'parts'>,
  record: Record,
  outbox: Outbox,
): Accounts {
  const queries = queriesFor(db)
  const names = sqlNames(db)
  const tokens = sqlTokens(db)
  const accounts = queries
    .selectFrom('oneseat_accounts')
    .innerJoin('oneseat_users', 'oneseat_users.id', 'oneseat_accounts.user_id')
    .selectAll()

  return {
    async create(account, event, along = {}) {
      await db.transaction(function* () {
        const made = yield* insertAll([account], event)
        if (made.size === 0) throw new Refusal('username_taken')
        yield* keep(along)
      })
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
      const held = await db.transaction(() => names.held(usernames))
      const taken = new Set([...held, ...rows.map((row) => row.username)])
      const skeletons = new Set(rows.map((row) => row.skeleton))
      return usernames.filter((name) => taken.has(name) || skeletons.has(skeletonOf(name)))
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

    ...accountChanges(db, { numbers: parts, names, tokens, outbox }),

    findToken: tokens.find,
    listTokens: tokens.list,

    async keepToken(token, event, messages) {
      await db.transaction(function* () {
        if (event !== null) yield* record([event])
        yield* keep({ makes: token, messages })
      })
    },

    async tell(messages) {
      await db.transaction(() => keep({ messages }))
    },

    async forgetSome(limit) {
      const [tokensGone, namesGone] = await Promise.all([tokens.forget(limit), names.forget(limit)])
      return Math.max(tokensGone, namesGone)
    },

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
        .onConflict((clash) => clash.doNothing()) // by name or by skeleton
        .returning('user_id'),
    )
    const ids = new Set(made.map(({ user_id }) => user_id))
    const inserted = wanted.filter(({ id }) => ids.has(id))
    // Held names are read after the inserts: a user who is deleted at this moment either still has the name, or the name is held.
    const held = yield* names.held(inserted.map(({ username }) => username))
    for (const { id } of inserted.filter(({ username }) => held.includes(username))) {
      yield* all(queries.deleteFrom('oneseat_accounts').where('user_id', '=', id))
      ids.delete(id)
    }
    const users = inserted.filter(({ id }) => ids.has(id))
    if (users.length > 0) yield* all(queries.insertInto('oneseat_users').values(users.map(userRowOf)))
    yield* record(users.map(({ id }) => ({ ...event, userId: id })))
    return ids
  }

  function* keep({ uses, makes, messages = [] }: Along): Transaction<void> {
    if (uses !== undefined) yield* tokens.use(uses.purpose, uses.hash)
    if (makes !== undefined) yield* tokens.keep(makes)
    for (const message of messages) yield* outbox.add(message)
  }
}
