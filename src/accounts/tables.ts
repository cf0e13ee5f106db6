import type { Generated } from 'kysely'

/** The tables as Kysely sees them; `migrations/` makes them so. */
export type Tables = { users: UserRow }

export type UserRow = {
  id: string
  handle: string
  username: string
  password_hash: string
  credential_epoch: Generated<number>
  epoch: Generated<number>
  /** A JSON array of names. */
  roles: string
  disabled_at: number | null
  created_at: number
}
