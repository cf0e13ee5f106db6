import {
  type Insertable,
  type Kysely,
  PostgresAdapter,
  type RawBuilder,
  type Selectable,
  sql,
} from 'kysely'
import { proveWritable } from '../database/prove-writable.ts'
import type { Tables, UserRow } from '../database/tables.ts'
import { Refusal, tried } from '../errors.ts'
import { type Account, type Accounts, ADMIN, type NewAccount } from './accounts.ts'

/**
 * Accounts in any SQL database that Kysely speaks. Every method but `createAll` is one statement, so each is atomic by
 * itself and no transaction is held open across an `await`.
 */
export function sqlAccounts(db: Kysely<Tables>): Accounts {
  const locksRows = db.getExecutor().adapter instanceof PostgresAdapter
  return {
    async create(account) {
      const row = await tried(
        db
          .insertInto('users')
          .values(newRow(account))
          .onConflict((clash) => clash.column('username').doNothing())
          .returningAll()
          .executeTakeFirst(),
      )
      if (row === undefined) throw new Refusal('username_taken')
      return toAccount(row)
    },

    async createAll(accounts, partial) {
      const taken: string[] = []
      const work = db.transaction().execute(async (transaction) => {
        for (let start = 0; start < accounts.length; start += BATCH) {
          const batch = accounts.slice(start, start + BATCH)
          const made = await transaction
            .insertInto('users')
            .values(batch.map(newRow))
            .onConflict((clash) => clash.column('username').doNothing())
            .returning('username')
            .execute()
          const names = new Set(made.map((row) => row.username))
          taken.push(...batch.map((one) => one.username).filter((name) => !names.has(name)))
        }
        if (taken.length > 0 && !partial) throw NONE_OF_THEM
      })
      await tried(
        work.catch((error) => {
          if (error !== NONE_OF_THEM) throw error
        }),
      )
      return taken
    },

    async findByUsername(username) {
      const row = await tried(
        db.selectFrom('users').selectAll().where('username', '=', username).executeTakeFirst(),
      )
      return row === undefined ? null : { ...toAccount(row), passwordHash: row.password_hash }
    },

    async findByHandle(handle) {
      const row = await tried(
        db.selectFrom('users').selectAll().where('handle', '=', handle).executeTakeFirst(),
      )
      return row === undefined ? null : toAccount(row)
    },

    findById,

    async raise(userId, above, loginAt) {
      const row = await tried(
        db
          .updateTable('users')
          .set({
            epoch: sql<number>`case when epoch < ${above} then ${above} else epoch end + 1`,
            ...(loginAt === undefined ? {} : { last_login_at: loginAt }),
          })
          .where('id', '=', userId)
          .returningAll()
          .executeTakeFirst(),
      )
      return row === undefined ? null : toAccount(row)
    },

    async setPassword(userId, credentialEpoch, passwordHash) {
      const row = await tried(
        db
          .updateTable('users')
          .set({ password_hash: passwordHash, epoch: NEXT, credential_epoch: NEXT })
          .where('id', '=', userId)
          .where('credential_epoch', '=', credentialEpoch)
          .returningAll()
          .executeTakeFirst(),
      )
      return row === undefined ? null : toAccount(row)
    },

    async change(userId, { roles, disabled }, now) {
      const stays = (roles === undefined || roles.includes(ADMIN)) && disabled !== true
      const row = await tried(
        db
          .with('admins', (query) =>
            query
              .selectFrom('users')
              .select('id')
              .where('disabled_at', 'is', null)
              .where(contains('roles', JSON.stringify(ADMIN)))
              .orderBy('id')
              // Two administrators who demote each other at once are to see each other's change. SQLite has one writer.
              .$if(locksRows, (select) => select.forUpdate()),
          )
          .updateTable('users')
          .set({
            epoch: NEXT,
            ...(roles === undefined ? {} : { roles: JSON.stringify(roles) }),
            ...(disabled === undefined ? {} : { disabled_at: disabled ? now : null }),
          })
          .where('id', '=', userId)
          .$if(!stays, (update) => update.where(notTheLastAdmin(userId)))
          .returningAll()
          .executeTakeFirst(),
      )
      if (row !== undefined) return toAccount(row)
      if ((await findById(userId)) === null) return null
      throw new Refusal('last_admin')
    },

    async rehash(userId, from, to) {
      await tried(
        db
          .updateTable('users')
          .set({ password_hash: to })
          .where('id', '=', userId)
          .where('password_hash', '=', from)
          .execute(),
      )
    },

    async list({ after, limit, search }) {
      const rows = await tried(
        db
          .selectFrom('users')
          .selectAll()
          .where('username', '>', after)
          .$if(search !== undefined, (select) => select.where(contains('username', search ?? '')))
          .orderBy('username')
          .limit(limit)
          .execute(),
      )
      return rows.map(toAccount)
    },

    async listRecent({ since, after, limit }) {
      const rows = await tried(
        db
          .selectFrom('users')
          .selectAll()
          .where('last_login_at', '>', since)
          .$if(after !== null, (select) =>
            select.where(sql<boolean>`(last_login_at, id) < (${after?.lastLoginAt}, ${after?.id})`),
          )
          .orderBy('last_login_at', 'desc')
          .orderBy('id', 'desc')
          .limit(limit)
          .execute(),
      )
      return rows.map(toAccount)
    },

    async ping() {
      await tried(proveWritable(db))
    },

    close: () => db.destroy(),
  }

  async function findById(userId: string): Promise<Account | null> {
    const row = await tried(
      db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirst(),
    )
    return row === undefined ? null : toAccount(row)
  }
}

const NEXT = sql<number>`epoch + 1`
/** Rows in one statement: ten values each, and databases bound how many a statement may have. */
const BATCH = 1000
/** Thrown to roll a transaction back. */
const NONE_OF_THEM = new Error('some usernames were taken')

/** Somebody else among `admins` is one too, or this user is none. */
function notTheLastAdmin(userId: string): RawBuilder<boolean> {
  return sql<boolean>`(exists (select 1 from admins where admins.id <> ${userId})
    or not exists (select 1 from admins where admins.id = ${userId}))`
}

function contains(column: string, text: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} like ${`%${text.replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`
}

function newRow(account: NewAccount): Insertable<UserRow> {
  return {
    id: account.id,
    handle: account.handle,
    username: account.username,
    password_hash: account.passwordHash,
    credential_epoch: 0,
    epoch: 0,
    roles: JSON.stringify(account.roles),
    disabled_at: null,
    created_at: account.createdAt,
    last_login_at: null,
  }
}

function toAccount(row: Selectable<UserRow>): Account {
  return {
    id: row.id,
    handle: row.handle,
    username: row.username,
    roles: JSON.parse(row.roles) as string[],
    disabled: row.disabled_at !== null,
    createdAt: row.created_at,
    epoch: row.epoch,
    credentialEpoch: row.credential_epoch,
    lastLoginAt: row.last_login_at,
  }
}
