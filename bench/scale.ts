import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get, type RequestOptions } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Browser, PASSWORD } from '../test/support/browser.ts'
import { type Instance, startInstance } from '../test/support/process.ts'
import { startRedis, type TestRedis } from '../test/support/redis.ts'
import { runUsers } from '../test/support/terminal.ts'
import { SECRET, signInCrowd } from './crowd.ts'
import { askAs } from './load.ts'
import { residentMiB } from './servers.ts'
import { median } from './table.ts'

/**
 * What grows with the number of sessions and what does not: npm run bench:scale [-- sessions…] For each engine and number: bytes
 * of a session, the time to start, how fast 20,000 of these users are answered, a login, and what idle connections cost.
 */
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 100_000, 1_000_000]
const IDLE_CONNECTIONS = 10_000

console.log(
  '| sessions | bytes each | start ms | GET /me, requests/s | p50 ms | p99 ms | login, median of 20, ms |',
)
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |')
for (const engine of ['redis', 'sqlite'] as const)
  for (const users of SIZES) await measure(engine, users, users === SIZES.at(-1))

async function measure(engine: 'redis' | 'sqlite', users: number, withIdle: boolean): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-bench-'))
  const path = join(dir, 'bench.db')
  const redis = engine === 'redis' ? await startRedis() : null
  const env = { DATABASE_URL: `file:${path}`, SESSION_SECRET: SECRET, THROTTLE: 'off' }
  await runUsers(['add', 'ann', '--password-stdin'], { env, stdin: PASSWORD })
  const before = redis === null ? 0 : await memoryOf(redis)
  const cookies = await signInCrowd({ users, path, redisUrl: redis?.url ?? null })
  const bytes = (redis === null ? sizeOfSeats(path) : (await memoryOf(redis)) - before) / users

  const started = performance.now()
  const instance = await startInstance({ ...env, ...(redis === null ? {} : { REDIS_URL: redis.url }) })
  const start = performance.now() - started
  const list = join(dir, 'cookies')
  writeFileSync(list, cookies.join('\n'))
  // Everybody once, so that deadlines that are due have been moved: that is a write, once a minute at most.
  await askAs(`${instance.url}/me`, list, {
    seconds: cookies.length < 10_000 ? 2 : 12,
    connections: 64,
    cores: '0,1',
  })
  const load = await askAs(`${instance.url}/me`, list, { seconds: 5, connections: 64, cores: '0,1' })
  if (load.errors > 0) throw new Error(`${load.errors} errors`)
  const login = await medianLogin(instance.url)
  const cells = [
    `${users.toLocaleString('en')}, ${engine}`,
    users < 1_000 ? '' : bytes.toFixed(0), // of few, it is that of the server
    start.toFixed(0),
    Math.round(load.requestsPerSecond).toLocaleString('en'),
    load.p50.toFixed(2),
    load.p99.toFixed(2),
    login.toFixed(1),
  ]
  console.log(`| ${cells.join(' | ')} |`)
  if (withIdle) await keepIdle(instance, cookies)
  await instance.stop()
  await redis?.stop()
  rmSync(dir, { recursive: true })
}

async function memoryOf({ client }: TestRedis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
}

/** The pages of the table and its index, bytes, by SQLite's own count. */
function sizeOfSeats(path: string): number {
  const file = new Database(path, { readonly: true })
  const size = file
    .prepare<[], number>("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%oneseat_sessions%'")
    .pluck()
    .get()
  file.close()
  return size ?? 0
}

async function medianLogin(url: string): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < 20; i++) {
    const start = performance.now()
    await new Browser(url).login('ann')
    times.push(performance.now() - start)
  }
  return median(times)
}

/** Connections that asked once and are kept open: what they weigh, and whether others are still answered. */
async function keepIdle({ url, pid }: Instance, cookies: readonly string[]): Promise<void> {
  const before = residentMiB(pid)
  const headers = { cookie: cookies[0] ?? '' }
  const agents: Agent[] = []
  for (let open = 0; open < IDLE_CONNECTIONS; open += 500) {
    const agent = new Agent({ keepAlive: true, maxFreeSockets: 500 })
    agents.push(agent)
    await Promise.all(Array.from({ length: 500 }, () => ask(url, { agent, headers })))
  }
  const sockets = agents.flatMap(({ freeSockets }) => Object.values(freeSockets).flat()).length
  const times: number[] = []
  for (let i = 0; i < 21; i++) {
    const start = performance.now()
    if ((await ask(url, { headers })) !== 200) throw new Error('not answered')
    times.push(performance.now() - start)
  }
  const weight = residentMiB(pid) - before
  console.log(
    `\n${sockets} idle connections: ${weight.toFixed(0)} MiB more, another GET /me is answered in ${median(times).toFixed(1)} ms, the median of 21\n`,
  )
  for (const agent of agents) agent.destroy()
}

function ask(url: string, options: RequestOptions): Promise<number> {
  return new Promise((done, fail) => {
    get(`${url}/me`, options, (response) => {
      response.resume().on('end', () => done(response.statusCode ?? 0))
    }).on('error', fail)
  })
}
