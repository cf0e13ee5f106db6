import { randomBytes } from 'node:crypto'
import { Signer } from '@fastify/cookie'
import type { Database } from 'better-sqlite3'
import { Redis } from 'ioredis'
import { openSqlite } from '../src/database/open-sqlite.ts'
import { encodeRecord } from '../src/sessions/codec.ts'
import { emptyRecord } from '../src/sessions/rules.ts'
import type { Register } from '../src/sessions/store.ts'
import { formatToken, hashSecret, newHandle, newSecret, newSessionId } from '../src/sessions/token.ts'
import { redisRegister } from '../src/stores/redis.ts'
import { sqliteRegister } from '../src/stores/sqlite.ts'

/** Signs the cookies of everybody in the crowd. */
export const SECRET = 'a secret of the bench that is long enough'

type Crowd = {
  users: number
  /** The SQLite file with the users, and with their sessions if these are not in Redis. */
  path: string
  redisUrl: string | null
}

/** Puts users and their sessions where logins would, without the password hashes. Gives the cookies of some. */
export async function signInCrowd({ users, path, redisUrl }: Crowd): Promise<string[]> {
  const { file } = await openSqlite(path)
  const client = redisUrl === null ? null : new Redis(redisUrl)
  await client?.ping()
  const register = client === null ? sqliteRegister(file, Date.now) : redisRegister(client)
  const { incarnation } = await register.read('')
  const cookies: string[] = []
  for (let start = 0; start < users; start += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, users - start) }, (_, i) => newUser(start + i))
    file.exec('BEGIN')
    insertUsers(file, batch)
    const signedIn = await Promise.all(batch.map((user) => signIn(register, incarnation, user)))
    file.exec('COMMIT')
    if (cookies.length < COOKIES) cookies.push(...signedIn)
  }
  await register.close()
  client?.disconnect()
  file.close()
  return cookies.slice(0, COOKIES)
}

type CrowdUser = ReturnType<typeof newUser>

function newUser(nth: number) {
  return {
    id: randomBytes(12).toString('base64url'),
    handle: newHandle(randomBytes),
    username: `user-${String(nth).padStart(7, '0')}`,
    roles: nth % 10 === 0 ? ['editor'] : [],
    createdAt: Date.now(),
    disabled: false,
  }
}

function insertUsers(file: Database, users: readonly CrowdUser[]): void {
  const insert = file.prepare(
    `INSERT INTO users (id, handle, username, password_hash, credential_epoch, epoch, roles, created_at, last_login_at)
     VALUES (?, ?, ?, ?, 0, 1, ?, ?, ? - abs(random() % 1200000))`,
  )
  for (const { id, handle, username, roles, createdAt } of users)
    insert.run(id, handle, username, NO_HASH, JSON.stringify(roles), createdAt, createdAt)
}

async function signIn(register: Register, incarnation: string, user: CrowdUser): Promise<string> {
  const now = Date.now()
  const secret = newSecret(randomBytes)
  const session = {
    id: newSessionId(randomBytes),
    secretHash: hashSecret(secret),
    epoch: 1,
    device: { name: null, os: 'Linux', browser: 'Firefox' },
    ip: '203.0.113.7',
    createdAt: now,
    lastSeenAt: now,
    idleExpiresAt: now + 12 * 60 * 60_000,
    expiresAt: now + 12 * 60 * 60_000,
  }
  const record = { ...emptyRecord(user), epoch: 1, live: [session], confirmedUnder: incarnation }
  await register.swap(user.handle, null, encodeRecord(record), session.expiresAt)
  return `oneseat=${SIGNER.sign(formatToken(user.handle, secret))}`
}

const SIGNER = new Signer(SECRET)
const BATCH = 1_000
const COOKIES = 20_000
const NO_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$Cl6Y4jmXzeELz25UTOIYJg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
