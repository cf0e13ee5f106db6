import cluster from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Kysely } from 'kysely'
import type { Settings } from '../schemas/settings.ts'
import type { Accounts } from './accounts/accounts.ts'
import { openPostgres } from './accounts/postgres.ts'
import { sqlAccounts } from './accounts/sql-accounts.ts'
import { openSqlite } from './accounts/sqlite.ts'
import type { Tables } from './accounts/tables.ts'
import { connectRedis } from './connect-redis.ts'
import type { App } from './http/types.ts'
import { localNotices } from './notices/local.ts'
import type { Notices } from './notices/notices.ts'
import { redisNotices } from './notices/redis.ts'
import { workerNotices } from './notices/workers.ts'
import { readRedisUrl } from './redis-url.ts'
import { postgresRegister } from './registers/postgres.ts'
import { redisRegister } from './registers/redis.ts'
import { sqliteRegister } from './registers/sqlite.ts'
import { trackedRegister } from './registers/tracked.ts'
import { keptSecret } from './session-secret.ts'
import type { CopyCounts, Register } from './sessions/register.ts'
import type { Counters } from './throttle/insured.ts'
import { localLimiter, sharedLimiter } from './throttle/limiter.ts'
import { postgresLimiter } from './throttle/postgres.ts'
import { workersLimiter } from './throttle/workers.ts'
import { sqlTimeline } from './timeline/sql-timeline.ts'
import type { Timeline } from './timeline/timeline.ts'

/** The machinery under the rules: where users are, where sessions are, and what signs the cookies. */
export type Engines = {
  accounts: Accounts
  register: Register
  notices: Notices
  timeline: Timeline
  limiter: Counters
  secrets: readonly string[]
  /** How it goes with the copies of sessions; null if none are kept. */
  copyCounts: (() => CopyCounts) | null
}

/** Opens the engines that the settings name; they are closed with `app`. The only file that knows them all. */
export async function openEngines(app: App, settings: Settings): Promise<Engines> {
  const { DATABASE_URL, REDIS_URL, SESSION_SECRET, SESSION_CACHE } = settings
  const database = DATABASE_URL.startsWith('file:')
    ? await openFile(DATABASE_URL.replace(/^file:/, ''))
    : await openServer(app, DATABASE_URL)
  const accounts = sqlAccounts(database.db)
  const place = readRedisUrl(REDIS_URL)
  const redis = place === null ? null : await connectRedis(app, place)
  const strict = redis === null ? await database.register() : redisRegister(redis)
  const tracked =
    SESSION_CACHE === 'tracked' && redis instanceof Redis
      ? trackedRegister(redis, strict, (error) => warnOfTracking(app, error))
      : null
  const register = tracked ?? strict
  const notices = redis === null ? noticesHere() : redisNotices(redis)
  const limiter = redis === null ? await database.limiter() : sharedLimiter(redis)
  const timeline = sqlTimeline(database.db, {
    random: randomBytes,
    clock: Date.now,
    retention: settings.TIMELINE_RETENTION,
    onLost: (err, count) =>
      app.log.error({ event: 'timeline_lost', err, count }, 'the timeline missed events'),
  })
  app.addHook('onClose', async () => {
    await timeline.close()
    await notices.close()
    await register.close()
    await accounts.close()
  })
  const secrets = SESSION_SECRET.length > 0 ? SESSION_SECRET : database.secrets()
  const copyCounts = tracked?.copyCounts ?? null
  return { accounts, register, notices, timeline, limiter, secrets, copyCounts }
}

function noticesHere(): Notices {
  return cluster.isWorker ? workerNotices() : localNotices()
}

function warnOfTracking(app: App, error: unknown): void {
  app.log.warn(
    { err: error, event: 'session_cache_off' },
    'Redis does not tell of changes: no copies are kept',
  )
}

/** A SQL database, with the register, the counters and the secrets it holds when nothing else does. */
type SqlDatabase = {
  db: Kysely<Tables>
  register: () => Promise<Register>
  limiter: () => Promise<Counters>
  secrets: () => readonly string[]
}

async function openFile(path: string): Promise<SqlDatabase> {
  const { db, file } = await openSqlite(path)
  return {
    db,
    register: async () => sqliteRegister(file, Date.now),
    limiter: async () => (cluster.isWorker ? workersLimiter() : localLimiter()),
    secrets: () => [keptSecret(path)],
  }
}

async function openServer(app: App, url: string): Promise<SqlDatabase> {
  const { db, pool, counting } = await openPostgres(url, (error) =>
    app.log.warn({ err: error, event: 'postgres_error' }, 'a PostgreSQL connection failed'),
  )
  return {
    db,
    register: () => postgresRegister(pool),
    limiter: () => postgresLimiter(counting),
    secrets: () => [], // the settings insist on one
  }
}
