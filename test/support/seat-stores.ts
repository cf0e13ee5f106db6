import { Redis } from 'ioredis'
import type { Test } from 'tap'
import type { Accounts } from '../../src/accounts/accounts.ts'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { Register } from '../../src/sessions/store.ts'
import { postgresRegister } from '../../src/stores/postgres.ts'
import { redisRegister } from '../../src/stores/redis.ts'
import { sqliteRegister } from '../../src/stores/sqlite.ts'
import { openDatabase } from './database.ts'
import { startRedis } from './redis.ts'
import type { EngineName } from './service.ts'

/** An engine of sessions, and accounts beside it, without the service around them. */
export type SeatStores = { register: Register; accounts: Accounts }

/** Where they are, so that another thread can connect to them; those of SQLite are in memory, and everybody's own. */
export type SeatPlace = { engine: EngineName; url: string }

/** Stores for one test, closed when it ends. */
export async function openSeatStores(t: Test, engine: EngineName): Promise<SeatStores> {
  const { close, ...stores } = await connectSeatStores(await startSeatStores(t, engine))
  t.teardown(close)
  return stores
}

/** What an engine runs on, stopped with the test. */
export async function startSeatStores(t: Test, engine: EngineName): Promise<SeatPlace> {
  if (engine === 'sqlite') return { engine, url: ':memory:' }
  if (engine === 'postgres') return { engine, url: await openDatabase(t) }
  const server = await startRedis()
  t.teardown(() => server.stop())
  return { engine, url: server.url }
}

export async function connectSeatStores({
  engine,
  url,
}: SeatPlace): Promise<SeatStores & { close(): Promise<void> }> {
  if (engine === 'postgres') {
    const { pool, db } = await openPostgres(url, () => {})
    return {
      accounts: sqlAccounts(db),
      register: await postgresRegister(pool),
      close: () => db.destroy(),
    }
  }
  const { file, db } = await openSqlite(':memory:')
  const accounts = sqlAccounts(db)
  if (engine === 'sqlite') {
    return { accounts, register: sqliteRegister(file, Date.now), close: () => db.destroy() }
  }
  const redis = new Redis(url)
  const register = redisRegister(redis)
  const close = async () => {
    await register.close()
    redis.disconnect()
    await db.destroy()
  }
  for (;;) {
    try {
      await register.ping()
      return { accounts, register, close }
    } catch {
      await redis.ping() // it has yet to learn which server this is
    }
  }
}
