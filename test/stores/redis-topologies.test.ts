import { Cluster } from 'ioredis'
import t from 'tap'
import { type RedisPlace, readRedisUrl } from '../../src/settings/redis-url.ts'
import { duplicateRedis, openRedis } from '../../src/stores/redis-connection.ts'
import type { Answer } from '../support/browser.ts'
import { startCluster } from '../support/cluster.ts'
import { startSentinels } from '../support/sentinel.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

t.jobs = 2 // they wait for failovers

t.test('behind Sentinel, sessions go on after a failover, and a replaced one stays out', async (t) => {
  const sentinels = await startSentinels()
  t.teardown(() => sentinels.stop())
  const service = await startService(t, 'sqlite', { env: { REDIS_URL: sentinels.url } })
  await service.register('ann')
  const [laptop, phone] = [service.browser(), service.browser()]
  await laptop.login('ann')
  t.equal((await phone.login('ann')).status, 200)
  t.equal((await phone.get('/me')).status, 200)

  const old = await sentinels.master()
  const replica = sentinels.servers.find((server) => server !== old)
  await until(async () => (await replica?.client.get(await onlyKey(old.client))) !== null)
  await old.kill()
  await until(async () => (await phone.get('/me')).status === 200, 20_000)
  t.match((await laptop.get('/me')).body, { code: 'session_replaced' })
  t.not(await sentinels.master(), old)
})

t.test('in a Cluster, sessions go on after a failover, and a replaced one stays out', async (t) => {
  const cluster = await startCluster()
  t.teardown(() => cluster.stop())
  const service = await startService(t, 'sqlite', { env: { REDIS_URL: cluster.url } })
  // By itself, before any command, so that no command is refused because it comes beside the first.
  const opened = openRedis(readRedisUrl(cluster.url) as RedisPlace) as Cluster
  t.teardown(() => opened.disconnect())
  await until(() => opened.nodes('master').length === 3)
  await until(() => opened.nodes('master').every(({ status }) => status === 'ready'))
  const keys = Array.from({ length: 30 }, (_, i) => `oneseat:${i}`)
  t.strictSame(new Set(await Promise.all(keys.map((key) => opened.get(key)))), new Set([null]))
  await service.register('ann')
  await service.register('bob')
  const [laptop, phone, other] = [service.browser(), service.browser(), service.browser()]
  await laptop.login('ann')
  t.equal((await phone.login('ann')).status, 200)
  t.equal((await phone.get('/me')).status, 200)

  const key = `oneseat:${(await service.parts.accounts.findByUsername('ann'))?.handle}`
  const old = await cluster.masterOf(key)
  await old.client.wait(1, 1_000)
  await old.kill()
  await until(async () => (await phone.get('/me')).status === 200, 20_000)
  // A node that has not heard of it yet may send a client to the dead one once more.
  const answers: Answer[] = []
  await until(async () => answers[answers.push(await laptop.get('/me')) - 1]?.status !== 503)
  t.match(answers.at(-1)?.body, { code: 'session_replaced' })
  t.not(await cluster.masterOf(key), old)
  await until(async () => (await other.login('bob')).status === 200)

  const given = new Cluster(cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })))
  const ours = duplicateRedis(given)
  t.teardown(() => {
    given.disconnect()
    ours.disconnect()
  })
  await until(async () => (await ours.get(key).catch(() => null)) !== null)
})

async function onlyKey(client: { keys(pattern: string): Promise<string[]> }): Promise<string> {
  return (await client.keys('*'))[0] ?? ''
}
