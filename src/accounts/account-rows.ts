import { type RawBuilder, type Selectable, sql } from 'kysely'
import { newUserRow } from '../database/sql-numbers.ts'
import type { AccountRow, UserRow } from '../database/tables.ts'
import { changeData, readData } from './account-data.ts'
import type { Account, NewAccount } from './accounts.ts'
import { skeletonOf } from './skeleton.ts'

export function newAccountRow({ id, username, passwordHash, createdAt }: NewAccount): AccountRow {
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

export function userRowOf({ id, handle, username, roles, createdAt }: NewAccount): UserRow {
  const data = JSON.stringify(changeData({ username, createdAt }, {}))
  return { ...newUserRow(id, handle), roles: JSON.stringify(roles), data }
}

export function newAccount({ passwordHash: _, ...account }: NewAccount): Account {
  const unset = { email: null, mustChangePassword: false, lastLoginAt: null, disputed: null }
  return { ...account, ...unset, disabled: false, credentialNumber: 0 }
}

export function toAccount(row: Selectable<AccountRow & UserRow>): Account {
  const { email = null, mustChangePassword = false } = readData(row.data)
  return {
    id: row.user_id,
    handle: row.handle,
    username: row.username,
    roles: JSON.parse(row.roles) as string[],
    disabled: row.disabled === 1,
    ...{ email, mustChangePassword },
    createdAt: row.created_at,
    credentialNumber: row.credential_number,
    lastLoginAt: row.last_login_at,
    disputed:
      row.disputed_from === null || row.disputed_until === null
        ? null
        : { from: row.disputed_from, until: row.disputed_until },
  }
}

/** The name in the data of a user: the username of an account, or the name of an external user; null if there is none. */
export function usernameOf(data: string | null): string | null {
  const kept = JSON.parse(data ?? '{}') as { username?: unknown; name?: unknown }
  const name = kept.username ?? kept.name
  return typeof name === 'string' ? name : null
}

/** The condition that a column contains this text. */
export function contains(column: string, text: string): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} like ${`%${text.replace(/[\\%_]/g, '\\$&')}%`} escape '\\'`
}
