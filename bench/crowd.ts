import { randomBytes } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { Redis } from 'ioredis'
import { openSqlite } from '../src/database/open-sqlite.ts'
import { sqlNumbers } from '../src/database/sql-numbers.ts'
import { encodeRecord } from '../src/sessions/codec.ts'
import type { SessionStore } from '../src/sessions/store.ts'
import { formatToken, hashSecret, newHandle, newSecret, newSessionId } from '../src/sessions/token.ts'
import { redisStore } from '../src/stores/redis.ts'
import { sqliteStore } from '../src/stores/sqlite.ts'

/** What the secrets of everybody in the crowd are hashed with. */
export const SECRET = 'a secret of the bench that is long enough'

type Crowd = {
  users: number
  /** The SQLite file with the users, and with their sessions if these are not in Redis. */
  path: string
  redisUrl: string | null
}

/** Puts users and their sessions where logins would, without the password hashes. Gives the cookies of some. */
export async function signInCrowd({ users, path, redisUrl }: Crowd): Promise<string[]> {
  const { file, db } = await openSqlite(path)
  const client = redisUrl === null ? null : new Redis(redisUrl)
  await client?.ping()
  const store = client === null ? sqliteStore(file, Date.now) : redisStore(client)
  const { history, parent } = await store.read('')
  const { histories } = sqlNumbers(db, () => randomBytes(9).toString('base64url'))
  const stamp = store.histories === 'none' ? '' : await histories.open(history, parent, false)
  const cookies: string[] = []
  for (let start = 0; start < users; start += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, users - start) }, (_, i) => newUser(start + i))
    file.exec('BEGIN')
    insertUsers(file, batch)
    const signedIn = await Promise.all(batch.map((user) => signIn(store, stamp, user)))
    file.exec('COMMIT')
    if (cookies.length < COOKIES) cookies.push(...signedIn)
  }
  await store.close()
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
  }
}

function insertUsers(file: Database, users: readonly CrowdUser[]): void {
  const insertUser = file.prepare(
    `INSERT INTO oneseat_users (id, handle, number, credential_number, roles, data, disabled, live_until)
     VALUES (?, ?, 1, 0, ?, ?, 0, ? - abs(random() % 1200000))`,
  )
  const insertAccount = file.prepare(
    `INSERT INTO oneseat_accounts (user_id, username, password_hash, created_at, last_login_at)
     VALUES (?, ?, ?, ?, ? - abs(random() % 1200000))`,
  )
  for (const user of users) {
    const { id, handle, username, roles, createdAt } = user
    const data = JSON.stringify(dataOf(user))
    insertUser.run(id, handle, JSON.stringify(roles), data, createdAt + LIFE)
    insertAccount.run(id, username, NO_HASH, createdAt, createdAt)
  }
}

function dataOf({ username, createdAt }: CrowdUser) {
  return { username, createdAt }
}

async function signIn(store: SessionStore, stamp: string, user: CrowdUser): Promise<string> {
  const now = Date.now()
  const secret = newSecret(randomBytes)
  const session = {
    id: newSessionId(randomBytes),
    secretHash: hashSecret(KEY, secret),
    epoch: 1,
    device: { name: null, os: 'Linux', browser: 'Firefox' },
    ip: '203.0.113.7',
    createdAt: now,
    lastSeenAt: now,
    idleExpiresAt: now + LIFE,
    expiresAt: now + LIFE,
  }
  const { id, handle, roles } = user
  const record = {
    ...{ number: 1, stamp, live: [session], ended: [] },
    user: { id, roles, disabled: false, data: dataOf(user) },
  }
  await store.swap(handle, await store.read(handle), encodeRecord(record), session.expiresAt)
  return `oneseat=${formatToken(handle, secret)}`
}

const KEY = hashSecret('oneseat session ', SECRET)
/** Milliseconds. */
const LIFE = 12 * 60 * 60_000
const BATCH = 1_000
const COOKIES = 20_000
const NO_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$Cl6Y4jmXzeELz25UTOIYJg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
