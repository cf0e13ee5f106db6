import { Redis } from 'ioredis'
import type { Test } from 'tap'
import type { Accounts } from '../../src/accounts/accounts.ts'
import { openPostgres } from '../../src/accounts/postgres.ts'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openSqlite } from '../../src/accounts/sqlite.ts'
import { postgresRegister } from '../../src/registers/postgres.ts'
import { redisRegister } from '../../src/registers/redis.ts'
import { sqliteRegister } from '../../src/registers/sqlite.ts'
import type { Register } from '../../src/sessions/register.ts'
import { openDatabase } from './database.ts'
import { startRedis } from './redis.ts'
import type { EngineName } from './service.ts'

/** An engine of sessions, and accounts beside it, without the service around them; closed with the test. */
export async function openSeatStores(
  t: Test,
  engine: EngineName,
): Promise<{ register: Register; accounts: Accounts }> {
  if (engine === 'postgres') {
    const { pool, db } = await openPostgres(await openDatabase(t), () => {})
    t.teardown(() => db.destroy())
    return { accounts: sqlAccounts(db), register: await postgresRegister(pool) }
  }
  const { file, db } = await openSqlite(':memory:')
  t.teardown(() => db.destroy())
  const accounts = sqlAccounts(db)
  if (engine === 'sqlite') return { accounts, register: sqliteRegister(file, Date.now) }
  const server = await startRedis()
  const redis = new Redis(server.url)
  const register = redisRegister(redis)
  t.teardown(async () => {
    await register.close()
    redis.disconnect()
    await server.stop()
  })
  for (;;) {
    try {
      await register.ping()
      return { accounts, register }
    } catch {
      await redis.ping() // it has yet to learn which server this is
    }
  }
}
