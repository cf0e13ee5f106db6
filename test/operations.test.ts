import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { SUSPICIOUS } from '../src/http/problems.ts'
import { LIMITS } from '../src/throttle/limits.ts'
import { Browser, PASSWORD } from './support/browser.ts'
import { withoutTap } from './support/children.ts'
import { startCluster } from './support/cluster.ts'
import { startInstance } from './support/process.ts'
import { startRedis } from './support/redis.ts'
import { CHEAP_HASHES, SECRET, startService } from './support/service.ts'
import { until } from './support/until.ts'

// docs/operations.md says what is so.

const document = readFileSync('docs/operations.md', 'utf8')

t.test('it has every metric of ours, with its labels and its help, and no other', async (t) => {
  const service = await startService(t, 'redis')
  await service.register('ann')
  const browser = service.browser()
  await browser.login('ann')
  await browser.get('/nowhere')
  const { body } = (await browser.get('/metrics')) as { body: string }
  const told = [...body.matchAll(/^# HELP (oneseat_\w+) (.*)$/gm)].map(([, name = '', help = '']) => {
    const sample = new RegExp(`^${name}(?:_count)?\\{(.*)\\}`, 'm').exec(body)?.[1] ?? ''
    const labels = [...sample.matchAll(/(\w+)="/g)].map(([, label]) => `\`${label}\``).join(' ')
    return [name, labels, help]
  })
  const rows = [...document.matchAll(/^\| `(oneseat_\w+)` \| (.*) ?\| (.*) \|$/gm)]
  const documented = rows.map(([, name, labels = '', help]) => [name, labels.trim(), help])
  t.strictSame(documented.toSorted(), told.toSorted())
})

t.test(
  'it has every event of the log but those of accounts, with its level, and no other',
  async (t) => {
    const levels: Record<string, string> = { info: '30', warn: '40', error: '50', fatal: '60' }
    const told = globSync('src/**/*.ts').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\blog\.(\w+)\(\s*\{[^{}]*\bevent: '(\w+)'/g)].map(
        ([, level = '', event]) => `${event} ${levels[level]}`,
      ),
    )
    const rows = [...document.matchAll(/^\| `(\w+)` \| (\d\d) \|/gm)]
    t.strictSame(rows.map(([, event, level]) => `${event} ${level}`).sort(), [...new Set(told)].sort())
    for (const code of SUSPICIOUS) t.match(document, `\`${code}\``)
  },
)

t.test('the rights that it names are enough for all we do in Redis', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const url = await admit(t, [redis.client], redis.url, BASE)
  const { logs } = await doAll(t, { REDIS_URL: url })
  t.notMatch(logs, [{ event: 'throttle_alone' }])
  t.strictSame(await redis.client.call('ACL', 'LOG'), [])
})

t.test('in a Cluster they are, with those for that', async (t) => {
  const cluster = await startCluster()
  t.teardown(() => cluster.stop())
  const clients = cluster.nodes.map(({ client }) => client)
  const REDIS_URL = await admit(t, clients, cluster.url, `${BASE} ${MORE}`)
  await doAll(t, { REDIS_URL })
  for (const client of clients) t.strictSame(await client.call('ACL', 'LOG'), [])
})

t.test('who has given too few is told: limits that are not shared would not be noticed', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const REDIS_URL = await admit(t, [redis.client], redis.url, BASE.replace(' +pttl', ''))
  const instance = await start(t, { REDIS_URL })
  await new Browser(instance.url).login('ann', { password: 'not it' })
  const warning = () => instance.logs.find(({ event }) => event === 'throttle_alone')
  await until(() => warning() !== undefined)
  t.match(warning(), { level: 40, reason: /pttl|can't run this command/ })
})

t.test('a SQLite file in use is copied by the command that it names', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-backup-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const [file, copy] = [join(dir, 'oneseat.db'), join(dir, 'copy.db')]
  const instance = await start(t, { DATABASE_URL: `file:${file}` })
  await new Browser(instance.url).post('/register', { username: 'ann', password: PASSWORD })
  const [, command = ''] = /`node (bin\S+ backup) copy\.db`/.exec(document) ?? []
  const env = { PATH: process.env['PATH'], DATABASE_URL: `file:${file}` }
  const options = withoutTap(process.execPath, [...command.split(' '), copy])
  t.equal(spawnSync(...options, { env }).status, 0)
  const restored = await start(t, { DATABASE_URL: `file:${copy}` })
  t.equal((await new Browser(restored.url).login('ann')).status, 200)
})

/** The rights that the document names: for all, and what a Cluster takes besides. */
const BASE = /```text\noneseat (.*)\n```/.exec(document)?.[1] ?? ''
const MORE = /In a Cluster also `(.*?)`/.exec(document)?.[1] ?? ''

/** Lets a user with these rights into servers, and tells the address that has their name. */
async function admit(t: Test, servers: readonly Redis[], url: string, rights: string): Promise<string> {
  t.match(rights, / -@all \+/)
  const user = rights.replace('PASSWORD', 'pass-word').split(' ')
  for (const server of servers) await server.call('ACL', 'SETUSER', 'oneseat', ...user)
  return url.replace('://', '://oneseat:pass%2Dword@')
}

async function start(t: Test, env: Record<string, string>) {
  const instance = await startInstance({
    ...{ ...CHEAP_HASHES, DATABASE_URL: 'file::memory:', SESSION_SECRET: SECRET, ...env },
  })
  t.teardown(() => instance.stop())
  return instance
}

/** Everything that asks something of Redis. */
async function doAll(t: Test, env: Record<string, string>) {
  const instance = await start(t, env)
  const [laptop, phone, thief] = [0, 1, 2].map(() => new Browser(instance.url)) as Trio
  t.equal((await laptop.get('/health/ready')).status, 200)
  t.equal((await laptop.post('/register', { username: 'ann', password: PASSWORD })).status, 201)
  t.equal((await laptop.login('ann')).status, 200)
  t.equal((await laptop.get('/me')).status, 200)
  const stream = laptop.get('/me/events')
  t.equal((await phone.login('ann')).status, 200)
  t.match((await stream).body, /session_replaced/)
  t.match(await laptop.get('/me'), { status: 401, body: { code: 'session_replaced' } })
  for (let i = 0; i < LIMITS.name.free; i++) {
    t.equal((await thief.login('ann', { password: 'not it' })).status, 401)
  }
  t.equal((await thief.login('ann')).status, 429)
  t.equal((await phone.login('ann')).status, 200, 'a device that was here before')
  t.equal((await phone.post('/logout')).status, 204)
  return instance
}

type Trio = [Browser, Browser, Browser]
