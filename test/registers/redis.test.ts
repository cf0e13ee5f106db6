import t from 'tap'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

t.test('a master that was demoted under our connection lets no replaced session in', async (t) => {
  const service = await startService(t, 'redis')
  await service.register('ann')
  const laptop = service.browser()
  const phone = service.browser()
  await laptop.login('ann')
  t.equal((await laptop.get('/me')).status, 200)

  const { client: first, port } = service.redis as TestRedis
  await first.config('SET', 'repl-diskless-sync-delay', '0')
  const other = await startRedis(['--replicaof', '127.0.0.1', String(port)])
  t.teardown(() => other.stop())
  await until(async () => (await other.client.dbsize()) === 1)
  await other.client.replicaof('NO', 'ONE')

  t.equal((await phone.login('ann')).status, 200) // a write that the promoted replica never gets
  await other.client.config('SET', 'repl-diskless-sync-delay', '0')
  await first.replicaof('127.0.0.1', other.port)
  await until(async () => /master_link_status:up/.test(await first.info('replication')))
  t.equal((await laptop.get('/me')).status, 503, 'a replica is not asked')

  await first.replicaof('NO', 'ONE')
  let answer = await laptop.get('/me')
  await until(async () => {
    answer = await laptop.get('/me')
    return answer.status !== 503
  })
  t.match(answer.body, { status: 401, code: 'session_replaced' })
})
