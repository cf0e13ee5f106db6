import type { Cluster, Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { SqlNumbers } from '../database/sql-numbers.ts'
import { createSessions as create } from '../sessions/create-sessions.ts'
import { checkSessionOptions, type SessionOptions } from '../sessions/options.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { SessionStore } from '../sessions/store.ts'
import { openStores } from './open-stores.ts'

// The entry point `oneseat/core`: sessions for programs without Fastify.

/** A store of sessions, and the login numbers that belong to it. */
export type SqlStore = { store: SessionStore; numbers: SqlNumbers; close(): Promise<void> }

/** Sessions and login numbers in a SQLite file: `file:` and a path. */
export async function sqliteStore(database: string, options: Prefixes = {}): Promise<SqlStore> {
  return open(database, undefined, options)
}

/** Sessions and login numbers in PostgreSQL: `postgres://…`, or a pool of `pg`. A pool that you pass in is not closed. */
export async function postgresStore(database: string | Pool, options: Prefixes = {}): Promise<SqlStore> {
  return open(database, undefined, options)
}

/** Sessions in Redis, and login numbers in a database. A client that you pass in is not closed. */
export async function redisStore(
  redis: string | Redis | Cluster,
  database: string | Pool,
  options: Prefixes = {},
): Promise<SqlStore> {
  return open(database, redis, options)
}

type Prefixes = { tablePrefix?: string; keyPrefix?: string }

function open(
  database: string | Pool,
  redis: string | Redis | Cluster | undefined,
  { tablePrefix = 'oneseat_', keyPrefix = 'oneseat:' }: Prefixes,
): Promise<SqlStore> {
  return openStores({ database, redis, tablePrefix, keyPrefix }, () => {})
}

/**
 * Makes sessions over a store. Call `completeChanges` of the result every second: a change that was cut off after SQL had it then
 * reaches the sessions.
 */
export function createSessions(options: SessionOptions & Pick<SqlStore, 'store' | 'numbers'>): Sessions {
  const { store } = options
  const { numbers, changes, histories } = options.numbers
  return create({ ...checkSessionOptions(options), store, numbers, changes, histories })
}

export type { LoginNumbers } from '../sessions/numbers.ts'
export type { Claimed, Full, Live, Login, SessionState, Sessions } from '../sessions/sessions.ts'
export type { SessionStore, StoredValue } from '../sessions/store.ts'
