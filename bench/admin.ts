import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Account } from '../src/accounts/accounts.ts'
import { sqlAccounts } from '../src/accounts/sql-accounts.ts'
import { openSqlite } from '../src/accounts/sqlite.ts'
import { redisRegister } from '../src/registers/redis.ts'
import { sqliteRegister } from '../src/registers/sqlite.ts'
import { encodeRecord } from '../src/sessions/codec.ts'
import { holderOf } from '../src/sessions/records.ts'
import type { Register } from '../src/sessions/register.ts'
import { hashSecret, newHandle, newSecret, newSessionId } from '../src/sessions/token.ts'
import { emptyRecord } from '../src/sessions/transitions.ts'
import { Browser, PASSWORD } from '../test/support/browser.ts'
import { startInstance } from '../test/support/process.ts'
import { startRedis } from '../test/support/redis.ts'
import { runUsers } from '../test/support/terminal.ts'

/** How long an administrator waits for a page with 100,000 users signed in: node bench/admin.ts [users] */
const USERS = Number(process.argv[2] ?? 100_000)
const ROUNDS = 30
const NEW = { disabled: false, epoch: 1, credentialEpoch: 0, lastLoginAt: null }
const PAGES = {
  'users, first 50': '/admin/users',
  'users, first 200': '/admin/users?limit=200',
  'users, 50 in the middle': '/admin/users?after=user-050000',
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
  await signInEverybody(path, redis?.url ?? null)
  const env = {
    DATABASE_URL: `file:${path}`,
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

/** Puts users and their sessions where logins would, without the 100,000 password hashes. */
async function signInEverybody(path: string, redisUrl: string | null): Promise<void> {
  const { file, db } = await openSqlite(path)
  const accounts = sqlAccounts(db)
  const wanted = Array.from({ length: USERS }, (_, i) => ({
    id: randomBytes(12).toString('base64url'),
    handle: newHandle(randomBytes),
    username: `user-${String(i).padStart(6, '0')}`,
    passwordHash: '$argon2id$v=19$m=8,p=1,t=1$Cl6Y4jmXzeELz25UTOIYJg$nobody',
    roles: i % 10 === 0 ? ['editor'] : [],
    createdAt: Date.now(),
  }))
  await accounts.createAll(wanted, false)
  file.exec(`UPDATE users SET epoch = 1, last_login_at = ${Date.now()} - abs(random() % 1200000)`)
  const client = redisUrl === null ? null : new Redis(redisUrl)
  const register = client === null ? sqliteRegister(file, Date.now) : redisRegister(client)
  await client?.ping()
  if (client === null) file.exec('BEGIN')
  for (let start = 0; start < USERS; start += 1000) {
    const batch = wanted.slice(start, start + 1000)
    await Promise.all(batch.map((user) => signIn(register, { ...user, ...NEW })))
  }
  if (client === null) file.exec('COMMIT')
  await register.close()
  client?.disconnect()
  await accounts.close()
}

async function signIn(register: Register, account: Account): Promise<void> {
  const now = Date.now()
  const session = {
    id: newSessionId(randomBytes),
    secretHash: hashSecret(newSecret(randomBytes)),
    epoch: 1,
    device: { name: null, os: 'Linux', browser: 'Firefox' },
    ip: '203.0.113.7',
    createdAt: now,
    lastSeenAt: now,
    idleExpiresAt: now + 30 * 60_000,
    expiresAt: now + 12 * 60 * 60_000,
  }
  const record = { ...emptyRecord(holderOf(account)), epoch: 1, live: [session] }
  await register.swap(account.handle, null, encodeRecord(record), session.expiresAt)
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
