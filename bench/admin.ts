import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser, PASSWORD } from '../test/support/browser.ts'
import { startInstance } from '../test/support/process.ts'
import { startRedis } from '../test/support/redis.ts'
import { runUsers } from '../test/support/terminal.ts'
import { SECRET, signInCrowd } from './crowd.ts'

/** How long an administrator waits for a page with 100,000 users signed in: npm run bench:admin [-- users] */
const USERS = Number(process.argv[2] ?? 100_000)
const ROUNDS = 30
const PAGES = {
  'users, first 50': '/admin/users',
  'users, first 200': '/admin/users?limit=200',
  'users, 50 in the middle': '/admin/users?after=user-0050000',
  'search that finds many': '/admin/users?search=user-0',
  'search that finds ten': '/admin/users?search=9999',
  'search that finds nobody': '/admin/users?search=nobody',
  'users online, first 50': '/admin/sessions',
  'users online, first 200': '/admin/sessions?limit=200',
}

for (const engine of ['sqlite', 'redis'] as const) {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-bench-'))
  const redis = engine === 'redis' ? await startRedis() : null
  const path = join(dir, 'bench.db')
  await signInCrowd({ users: USERS, path, redisUrl: redis?.url ?? null })
  const env = {
    DATABASE_URL: `file:${path}`,
    SESSION_SECRET: SECRET,
    LOG_LEVEL: 'info',
    ARGON2_MEMORY_KIB: '64',
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
  }
  await runUsers(['add', 'root', '--role', 'admin', '--password-stdin'], { env, stdin: PASSWORD })
  const instance = await startInstance(env)
  const admin = new Browser(instance.url)
  await admin.login('root')
  console.log(
    `\n${engine}, ${USERS} users signed in\n\n| page | median ms | slowest ms |\n| --- | ---: | ---: |`,
  )
  for (const [name, query] of Object.entries(PAGES)) await measure(admin, name, query)
  await measure(admin, 'users online, 50, after 20 pages', await turnPages(admin, 20))
  await instance.stop()
  await redis?.stop()
  rmSync(dir, { recursive: true })
}

async function turnPages(admin: Browser, pages: number): Promise<string> {
  let next = ''
  for (let page = 0; page < pages; page++) {
    const { body } = await admin.get(`/admin/sessions${next === '' ? '' : `?after=${next}`}`)
    next = body.next
  }
  return `/admin/sessions?after=${next}`
}

async function measure(admin: Browser, name: string, path: string): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    const { status } = await admin.get(path)
    times.push(performance.now() - start)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
  }
  times.sort((a, b) => a - b)
  const [median = 0, slowest = 0] = [times[ROUNDS / 2], times.at(-1)]
  console.log(`| ${name} | ${median.toFixed(1)} | ${slowest.toFixed(1)} |`)
}
