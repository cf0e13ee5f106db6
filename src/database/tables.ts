import {
  DummyDriver,
  type Generated,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Purpose } from '../accounts/tokens.ts'
import type { Scope } from '../keys/keys.ts'
import type { EventType } from '../timeline/timeline.ts'
import type { Sql } from './sql.ts'

/** The tables, as types for Kysely; `migrations/` makes them. The first four belong to the sessions core. */
type Tables = {
  oneseat_users: UserRow
  oneseat_changes: ChangeRow
  oneseat_histories: HistoryRow
  oneseat_sessions: SessionRow
  oneseat_accounts: AccountRow
  oneseat_timeline: TimelineRow
  oneseat_keys: KeyRow
  oneseat_answers: AnswerRow
  oneseat_tokens: TokenRow
  oneseat_held_names: HeldNameRow
  oneseat_outbox: OutboxRow
}

/** A user of the sessions core. Times are milliseconds since 1970. */
export type UserRow = {
  id: string
  handle: string
  number: number
  credential_number: number
  /** A JSON array of names. */
  roles: string
  /** JSON of the application. */
  data: string | null
  disabled: number
  deleted_at: number | null
  /** No session of this user can live longer than this. */
  live_until: number
}

/** An open change: a login number that was raised and not closed yet. */
export type ChangeRow = {
  user_id: string
  number: number
  at: number
  kind: 'login' | 'end' | 'update'
  session_id: string | null
  note: string | null
}

type HistoryRow = { history: string; stamp: string; parent: string }

type SessionRow = { handle: string; value: string; keep_until: number }

/** An account of the service, beside its row in `oneseat_users`. */
export type AccountRow = {
  user_id: string
  username: string
  /** The skeleton of the name, unique; null for an older account whose name looks the same as another. */
  skeleton: string | null
  password_hash: string
  created_at: number
  last_login_at: number | null
  /** Device cookies from this time are invalid, because its logins were disputed. */
  disputed_from: number | null
  disputed_until: number | null
}

export type TimelineRow = {
  /** Sorts by time. */
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
  /** The id of the user who did it. Their name is looked up, because it may change or be deleted. */
  by_user: string | null
  /** For a login: whether its device is new. */
  new_device: number | null
}

/** A one-time token. */
export type TokenRow = {
  /** SHA-256 of the token. */
  hash: string
  purpose: Purpose
  user_id: string | null
  /** JSON. */
  data: string
  expires_at: number
}

/** The held name of a deleted user. */
type HeldNameRow = {
  /** SHA-256 of the skeleton of the name. */
  hash: string
  until: number
}

export type KeyRow = {
  name: string
  scope: Scope
  /** SHA-256 of the key. */
  hash: string
  created_at: number
  last_used_at: number | null
}

/** The answer to a request with an `Idempotency-Key`. */
type AnswerRow = {
  id: string
  /** The user that it is about. Null in rows of older versions. */
  user_id: string | null
  body_hash: string
  salt: string
  /** JSON, without secrets. */
  answer: string | null
  at: number
}

/** A message that has not been delivered yet. Times are those of the database. */
export type OutboxRow = {
  /** The messages of a user are sent in this order. */
  seq: Generated<number>
  id: string
  kind: 'mail' | 'webhook'
  type: string
  user_id: string | null
  body: string
  created_at: number
  /** An attempt that fails after this is the last. */
  give_up_at: number
  attempts: number
  /** No attempt before this time. During an attempt: when another instance may take the message over. Null for a dead letter. */
  next_at: number | null
  dead_at: number | null
  /** Of the last attempt. */
  error: string | null
}

/** Builds queries for a database, but does not run them. */
export function queriesFor({ kind }: Pick<Sql, 'kind'>): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createDriver: () => new DummyDriver(),
      createAdapter: () => (kind === 'sqlite' ? new SqliteAdapter() : new PostgresAdapter()),
      createQueryCompiler: () =>
        kind === 'sqlite' ? new SqliteQueryCompiler() : new PostgresQueryCompiler(),
      createIntrospector: (db) =>
        kind === 'sqlite' ? new SqliteIntrospector(db) : new PostgresIntrospector(db),
    },
  })
}

/** The names of the core's tables with another prefix, typed as the usual names. */
export function coreTables(prefix: string) {
  return {
    users: `${prefix}users` as 'oneseat_users',
    changes: `${prefix}changes` as 'oneseat_changes',
    histories: `${prefix}histories` as 'oneseat_histories',
    sessions: `${prefix}sessions` as 'oneseat_sessions',
  }
}
