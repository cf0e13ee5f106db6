import Fastify from 'fastify'
import type { Test } from 'tap'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { connectRedis } from '../../src/database/on-redis.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { App } from '../../src/http/types.ts'
import { type RedisPlace, readRedisUrl } from '../../src/settings/redis-url.ts'
import { redisRegister } from '../../src/stores/redis.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

/** Redis as the service connects to it, with users in SQL that is never put back. */
export async function openFence(t: Test) {
  const redis: TestRedis = await startRedis()
  const { db } = await openSqlite(':memory:')
  const app = Fastify() as unknown as App
  const client = await connectRedis(app, readRedisUrl(redis.url) as RedisPlace)
  const register = redisRegister(client)
  t.teardown(async () => {
    await app.close()
    await db.destroy()
    await redis.stop()
  })
  const isBack = () =>
    register.ping().then(
      () => true,
      () => false,
    )
  await until(isBack)
  return {
    ...{ redis, stores: { register, accounts: sqlAccounts(db) } },
    /** As a crash and a start: what was not saved is gone. */
    async restart() {
      await redis.kill()
      await redis.start()
      await until(isBack)
    },
  }
}
