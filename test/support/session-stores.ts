import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { Sql } from '../../src/database/sql.ts'
import { type SqlNumbers, sqlNumbers } from '../../src/database/sql-numbers.ts'
import type { SessionStore } from '../../src/sessions/store.ts'
import { postgresStore } from '../../src/stores/postgres.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { openDatabase } from './database.ts'
import { startRedis } from './redis.ts'
import type { EngineName } from './service.ts'

/** A store of sessions, and SQL beside it, without the service around them. */
export type SessionStores = { store: SessionStore; db: Sql } & Omit<SqlNumbers, 'parts'>

/** Where they are, so that another thread can connect to them; those of SQLite are in memory, and everybody's own. */
export type StorePlace = { engine: EngineName; url: string }

/** Stores for one test, closed when it ends. */
export async function openSessionStores(t: Test, engine: EngineName): Promise<SessionStores> {
  const { close, ...stores } = await connectSessionStores(await startSessionStores(t, engine))
  t.teardown(close)
  return stores
}

/** What an engine runs on, stopped with the test. */
export async function startSessionStores(t: Test, engine: EngineName): Promise<StorePlace> {
  if (engine === 'sqlite') return { engine, url: ':memory:' }
  if (engine === 'postgres') return { engine, url: await openDatabase(t) }
  const server = await startRedis()
  t.teardown(() => server.stop())
  return { engine, url: server.url }
}

export async function connectSessionStores({
  engine,
  url,
}: StorePlace): Promise<SessionStores & { close(): Promise<void> }> {
  if (engine === 'postgres') {
    const { pool, db } = await openPostgres(url, () => {})
    const store = await postgresStore(pool)
    return { ...numbersIn(db), store, db, close: () => db.close() }
  }
  const { file, db } = await openSqlite(':memory:')
  if (engine === 'sqlite') {
    return { ...numbersIn(db), store: sqliteStore(file, Date.now), db, close: () => db.close() }
  }
  const redis = new Redis(url)
  const store = redisStore(redis)
  const close = async () => {
    await store.close()
    redis.disconnect()
    await db.close()
  }
  await redis.ping()
  await store.ping()
  return { ...numbersIn(db), store, db, close }
}

function numbersIn(db: Sql): Omit<SqlNumbers, 'parts'> {
  return sqlNumbers(db, () => randomBytes(9).toString('base64url'))
}
