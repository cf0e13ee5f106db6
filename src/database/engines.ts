import { randomBytes } from 'node:crypto'
import type { Settings } from '../../schemas/settings.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { sqlAccounts } from '../accounts/sql-accounts.ts'
import type { App } from '../http/types.ts'
import { type Answers, sqlAnswers } from '../keys/answers.ts'
import type { Keys } from '../keys/keys.ts'
import { sqlKeys } from '../keys/sql-keys.ts'
import { type SqlOutbox, sqlOutbox } from '../outbox/sql-outbox.ts'
import { tellWebhook } from '../outbox/tell-webhook.ts'
import { readRedisUrl } from '../settings/redis-url.ts'
import { asSet } from '../settings/start-failure.ts'
import { sqlTimeline } from '../timeline/sql-timeline.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { forgetDaily } from './daily-cleanup.ts'
import type { SeatEngines, SqlDatabase } from './engine-types.ts'
import { SERVICE, type Wanted } from './migrate.ts'
import type { Sql } from './sql.ts'
import { type SqlNumbers, sqlNumbers } from './sql-numbers.ts'

/** The machinery under the rules: where users are, where sessions are, and what signs the cookies. */
export type Engines = SeatEngines & {
  db: Sql
  numbers: SqlNumbers
  accounts: Accounts
  timeline: Timeline
  keys: Keys
  answers: Answers
  outbox: SqlOutbox
  secrets: readonly string[]
}

/** Opens the engines that the settings name, and loads the clients of no others; they are closed with `app`. */
export async function openEngines(
  app: App,
  settings: Settings,
  wanted: Wanted = SERVICE,
): Promise<Engines> {
  const { DATABASE_URL, REDIS_URL, SESSION_SECRET } = settings
  const database = await asSet('DATABASE_URL', () => openDatabase(app, DATABASE_URL, wanted))
  const place = readRedisUrl(REDIS_URL)
  const insurance = { onAlone: (error: unknown) => warnOfCountingAlone(app, error) }
  const seats =
    place === null
      ? await asSet('DATABASE_URL', () => database.seats(insurance))
      : await (await import('./on-redis.ts')).openOnRedis(app, place, insurance)
  const outbox = sqlOutbox(database.db, randomBytes)
  const timeline = sqlTimeline(database.db, {
    random: randomBytes,
    clock: Date.now,
    retention: settings.TIMELINE_RETENTION,
    tell: tellWebhook(outbox),
    onLost: (err, count) =>
      app.log.error({ event: 'timeline_lost', err, count }, 'the timeline missed events'),
  })
  const numbers = sqlNumbers(database.db, () => randomBytes(9).toString('base64url'))
  const accounts = sqlAccounts(database.db, numbers, timeline.keep, outbox)
  const answers = sqlAnswers(database.db, Date.now)
  const cleanups = [accounts.forgetSome, answers.forgetSome, timeline.forgetSome, outbox.queue.forget]
  const endCleanups = cleanups.map((forgetSome) =>
    forgetDaily(forgetSome, (err) =>
      app.log.warn({ event: 'cleanup_failed', err }, 'what has run out was not removed'),
    ),
  )
  app.addHook('onClose', async () => {
    await Promise.all(endCleanups.map((end) => end()))
    await outbox.stop()
    await timeline.close()
    await seats.notices.close()
    await seats.store.close()
    seats.counters.close()
    await database.db.close()
  })
  const keys = sqlKeys(database.db)
  const secrets = SESSION_SECRET.length > 0 ? SESSION_SECRET : database.secrets()
  return { ...seats, db: database.db, numbers, accounts, timeline, outbox, keys, answers, secrets }
}

/** The message alone: the error of a command carries the command. */
function warnOfCountingAlone(app: App, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  app.log.warn(
    { event: 'throttle_alone', reason },
    'the limits on guessing are not shared: this instance counts by itself',
  )
}

async function openDatabase(app: App, url: string, wanted: Wanted): Promise<SqlDatabase> {
  return url.startsWith('file:')
    ? (await import('./on-sqlite.ts')).openOnSqlite(url.replace(/^file:/, ''), wanted)
    : (await import('./on-postgres.ts')).openOnPostgres(app, url, wanted)
}
