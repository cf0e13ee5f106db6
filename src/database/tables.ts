import type { Generated } from 'kysely'
import type { EventType } from '../timeline/timeline.ts'

/** The tables as Kysely sees them; `migrations/` makes them so. */
export type Tables = { users: UserRow; timeline: TimelineRow }

export type UserRow = {
  id: string
  handle: string
  username: string
  /** What the name looks like, unique; null for accounts that looked the same before this was asked. */
  skeleton: string | null
  password_hash: string
  credential_epoch: Generated<number>
  epoch: Generated<number>
  /** A JSON array of names. */
  roles: string
  disabled_at: number | null
  created_at: number
  last_login_at: number | null
}

export type TimelineRow = {
  /** Nine characters of time in base 36, a count, and chance: sorts by time. */
  id: string
  user_id: string
  type: EventType
  at: number
  session_id: string | null
  ip: string | null
  /** JSON. */
  device: string | null
  /** JSON. */
  by_whom: string | null
}
