import { type Kysely, type Selectable, sql } from 'kysely'
import { Refusal, storeUnavailable } from '../errors.ts'
import type { Account, Accounts } from './accounts.ts'
import type { Tables, UserRow } from './tables.ts'

/**
 * Accounts in any SQL database that Kysely speaks. Every method is one statement, so each is atomic by itself and no
 * transaction is ever held open across an `await`.
 */
export function sqlAccounts(db: Kysely<Tables>): Accounts {
  return {
    async create(account) {
      const row = await tried(
        db
          .insertInto('users')
          .values({
            id: account.id,
            handle: account.handle,
            username: account.username,
            password_hash: account.passwordHash,
            credential_epoch: 0,
            epoch: 0,
            roles: JSON.stringify(account.roles),
            disabled_at: null,
            created_at: account.createdAt,
          })
          .onConflict((clash) => clash.column('username').doNothing())
          .returningAll()
          .executeTakeFirst(),
      )
      if (row === undefined) throw new Refusal('username_taken')
      return toAccount(row)
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

    async raise(userId, above) {
      const row = await tried(
        db
          .updateTable('users')
          .set({ epoch: sql<number>`case when epoch < ${above} then ${above} else epoch end + 1` })
          .where('id', '=', userId)
          .returningAll()
          .executeTakeFirst(),
      )
      return row === undefined ? null : toAccount(row)
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

    async list(after, limit) {
      const rows = await tried(
        db
          .selectFrom('users')
          .selectAll()
          .where('username', '>', after)
          .orderBy('username')
          .limit(limit)
          .execute(),
      )
      return rows.map(toAccount)
    },

    async ping() {
      await tried(db.selectFrom('users').select('id').limit(1).execute())
    },

    close: () => db.destroy(),
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
  }
}

async function tried<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw storeUnavailable(error)
  }
}
