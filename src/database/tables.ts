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

/** The tables as Kysely sees them; `migrations/` makes them so. The first four are those of the sessions core. */
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

/** A user, as far as sessions need one. Times are milliseconds since 1970. */
export type UserRow = {
  id: string
  handle: string
  number: number
  credential_number: number
  /** A JSON array of names. */
  roles: string
  /** JSON of the application's own. */
  data: string | null
  disabled: number
  deleted_at: number | null
  /** No session of this user can live longer than this. */
  live_until: number
}

/** A login number that was raised and of which it is not known yet what became of it. */
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
  /** What the name looks like, unique; null for accounts that looked the same before this was asked. */
  skeleton: string | null
  password_hash: string
  created_at: number
  last_login_at: number | null
  /** Device cookies that were made in this time are void: somebody has disputed the logins of it. */
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
  /** The id of the user behind it, whose name is looked up: it changes, and goes with them. */
  by_user: string | null
  /** Of a login: whether its device had not been there before. */
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

/** The name of a deleted user, which nobody may have yet. */
type HeldNameRow = {
  /** SHA-256 of what the name looks like. */
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

/** What a request with an `Idempotency-Key` was answered. */
type AnswerRow = {
  id: string
  /** Whom it is about. Null in rows from before this was kept. */
  user_id: string | null
  body_hash: string
  salt: string
  /** JSON, without secrets. */
  answer: string | null
  at: number
}

/** A message to the outside that has not arrived yet. Times are the database's own. */
export type OutboxRow = {
  /** Grows: the messages of a user go out in this order. */
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
  /** No attempt before this. While one is under way, it is when others may take it for lost. Null for a dead letter. */
  next_at: number | null
  dead_at: number | null
  /** Of the last attempt. */
  error: string | null
}

/** Builds queries for a database, and runs none. */
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

/** The names of the core's tables under another prefix, which Kysely takes for the usual ones. */
export function coreTables(prefix: string) {
  return {
    users: `${prefix}users` as 'oneseat_users',
    changes: `${prefix}changes` as 'oneseat_changes',
    histories: `${prefix}histories` as 'oneseat_histories',
    sessions: `${prefix}sessions` as 'oneseat_sessions',
  }
}
