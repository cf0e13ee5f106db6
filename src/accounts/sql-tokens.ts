import type { Selectable } from 'kysely'
import { all, one, type Sql, type Transaction } from '../database/sql.ts'
import { queriesFor, type TokenRow } from '../database/tables.ts'
import { Refusal } from '../errors.ts'
import type { KeptToken, Purpose, TokenData } from './tokens.ts'

/** One-time tokens in SQL, as parts of the transactions that make and use them. */
export type SqlTokens = {
  find(purpose: Purpose, hash: string): Promise<KeptToken | null>
  list(userId: string): Promise<KeptToken[]>
  keep(token: KeptToken): Transaction<void>
  /** Uses a token. Of two transactions that do so at the same time one throws `token_used`. */
  use(purpose: Purpose, hash: string): Transaction<void>
  /** Makes the tokens of a user for these purposes invalid. */
  void(userId: string, purposes: readonly Purpose[]): Transaction<void>
  /** Removes at most `limit` expired tokens, and gives how many. */
  forget(limit: number): Promise<number>
}

export function sqlTokens(db: Sql): SqlTokens {
  const queries = queriesFor(db)

  return {
    async find(purpose, hash) {
      const rows = queries.selectFrom('oneseat_tokens').selectAll().where('hash', '=', hash)
      const [row] = await db.run(rows.where('purpose', '=', purpose).where('expires_at', '>', db.now))
      return row === undefined ? null : toToken(row)
    },

    async list(userId) {
      const rows = queries.selectFrom('oneseat_tokens').selectAll().where('user_id', '=', userId)
      return (await db.run(rows.where('expires_at', '>', db.now).orderBy('expires_at'))).map(toToken)
    },

    *keep({ hash, purpose, userId, data, expiresAt }) {
      const row = { hash, purpose, user_id: userId, data: JSON.stringify(data), expires_at: expiresAt }
      yield* all(queries.insertInto('oneseat_tokens').values(row))
    },

    *use(purpose, hash) {
      const used = queries
        .deleteFrom('oneseat_tokens')
        .where('hash', '=', hash)
        .where('purpose', '=', purpose)
        .where('expires_at', '>', db.now)
      if ((yield* one(used.returning('hash'))) === null) throw new Refusal('token_used')
    },

    *void(userId, purposes) {
      const tokens = queries.deleteFrom('oneseat_tokens').where('user_id', '=', userId)
      yield* all(tokens.where('purpose', 'in', purposes))
    },

    async forget(limit) {
      const expired = queries.selectFrom('oneseat_tokens').select('hash')
      const some = expired.where('expires_at', '<=', db.now).limit(limit)
      const gone = queries.deleteFrom('oneseat_tokens').where('hash', 'in', some)
      return (await db.run(gone.returning('hash'))).length
    },
  }
}

function toToken(row: Selectable<TokenRow>): KeptToken {
  return {
    hash: row.hash,
    purpose: row.purpose,
    userId: row.user_id,
    data: JSON.parse(row.data) as TokenData,
    expiresAt: row.expires_at,
  }
}
