import { randomBytes } from 'node:crypto'
import type { Cluster, Redis } from 'ioredis'
import type { Pool } from 'pg'
import { type OpenDatabase, openDatabase } from '../database/open-database.ts'
import type { Sql } from '../database/sql.ts'
import { type SqlNumbers, sqlNumbers } from '../database/sql-numbers.ts'
import { localNotices } from '../notices/local.ts'
import type { Notices } from '../notices/notices.ts'
import type { SessionStore } from '../sessions/store.ts'
import { type RedisPlace, readRedisUrl } from '../settings/redis-url.ts'
import { namingSetting } from '../settings/start-failure.ts'
import { requireNode } from './node-version.ts'

/** The stores of the plugin. `close` closes what was opened here, but no pool or client that was passed in. */
export type Stores = {
  db: Sql
  store: SessionStore
  numbers: SqlNumbers
  notices: Notices
  /** The sessions of this database were in Redis until now. */
  leftRedis: boolean
  close(): Promise<void>
}

/** Where to keep sessions. */
export type StorePlaces = {
  /** `file:` and a path, `postgres://…`, or a pool of `pg`. */
  database: string | Pool
  /** A URL, or a client of `ioredis`; undefined: sessions are in the database. */
  redis: string | Redis | Cluster | undefined
  tablePrefix: string
  keyPrefix: string
}

/** Opens the stores that the options name, and imports only their clients. `onError` is called for lost connections. */
export async function openStores(given: StorePlaces, onError: (error: Error) => void): Promise<Stores> {
  requireNode(process.versions.node)
  const { db, openStore } = await namingSetting('oneseat: option database', () =>
    databaseOf(given, onError),
  )
  const newStamp = () => randomBytes(9).toString('base64url')
  const numbers = sqlNumbers(db, newStamp, given.tablePrefix)
  if (given.redis === undefined) {
    const store = await openStore()
    const close = async () => {
      await store.close()
      await db.close()
    }
    const leftRedis = await numbers.histories.leave()
    return { db, store, numbers, notices: localNotices(), leftRedis, close }
  }
  const redis = await connect(given.redis, onError)
  const [{ redisStore }, { redisNotices }, { stayConnected }] = await Promise.all([
    import('./redis.ts'),
    import('../notices/redis.ts'),
    import('./stay-connected.ts'),
  ])
  const disconnect = stayConnected(redis)
  const store = redisStore(redis, given.keyPrefix)
  const notices = redisNotices(redis, `${given.keyPrefix}notices`)
  await readyWithin(redis, START_WAIT)
  await store.ping().catch(() => {}) // learns the time of the store; an earlier request is answered 503
  const close = async () => {
    await notices.close()
    await store.close()
    disconnect()
    await db.close()
  }
  return { db, store, numbers, notices, leftRedis: false, close }
}

async function databaseOf(
  { database, tablePrefix: prefix }: StorePlaces,
  onError: (error: Error) => void,
): Promise<Pick<OpenDatabase, 'db' | 'openStore'>> {
  const wanted = { prefix, service: false }
  if (typeof database === 'string') return openDatabase(database, wanted, onError)
  const [{ usePool }, { postgresStore }] = await Promise.all([
    import('../database/open-postgres.ts'),
    import('./postgres.ts'),
  ])
  const db = await usePool(database, wanted)
  return { db, openStore: () => postgresStore(database, `${prefix}sessions`) }
}

/**
 * Makes a connection of our own, even if a client is passed in: our limits must apply. A command that waits for a new connection,
 * or is sent twice, could run when it is no longer right.
 */
async function connect(
  redis: string | Redis | Cluster,
  onError: (error: Error) => void,
): Promise<Redis | Cluster> {
  const { openRedis, duplicateRedis } = await import('./redis-connection.ts')
  const client = typeof redis === 'string' ? openRedis(placeOf(redis)) : duplicateRedis(redis)
  client.on('error', onError)
  return client
}

function placeOf(url: string): RedisPlace {
  const place = readRedisUrl(url)
  if (place === null) throw new Error('oneseat: option redis: this is not the URL of a Redis')
  return place
}

function readyWithin(redis: Redis | Cluster, ms: number): Promise<void> {
  return new Promise((done) => {
    if (redis.status === 'ready') done()
    redis.once('ready', () => done())
    setTimeout(done, ms).unref()
  })
}

/** For how many milliseconds a start waits for Redis. Routes without sessions work without it. */
const START_WAIT = 1_000
