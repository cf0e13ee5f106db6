import { randomBytes } from 'node:crypto'
import type { Settings } from '../../schemas/settings.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { sqlAccounts } from '../accounts/sql-accounts.ts'
import type { App } from '../http/types.ts'
import { type Answers, sqlAnswers } from '../keys/answers.ts'
import type { Keys } from '../keys/keys.ts'
import { sqlKeys } from '../keys/sql-keys.ts'
import { localNotices } from '../notices/local.ts'
import { type SqlOutbox, sqlOutbox } from '../outbox/sql-outbox.ts'
import { tellWebhook } from '../outbox/tell-webhook.ts'
import { readRedisUrl } from '../settings/redis-url.ts'
import { namingSetting } from '../settings/start-failure.ts'
import type { Counters } from '../throttle/counters.ts'
import type { Insurance } from '../throttle/insurance.ts'
import { localCounters } from '../throttle/local.ts'
import { postgresCounters } from '../throttle/postgres.ts'
import { sqlTimeline } from '../timeline/sql-timeline.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { forgetDaily } from './daily-cleanup.ts'
import { SERVICE, type Wanted } from './migrate.ts'
import type { SeatEngines } from './on-redis.ts'
import { type OpenDatabase, openDatabase, pathOf } from './open-database.ts'
import { keptSecret } from './session-secret.ts'
import type { Sql } from './sql.ts'
import { type SqlNumbers, sqlNumbers } from './sql-numbers.ts'

/** What the rules work on: the databases of users and sessions, and the secrets. */
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

/** Opens the engines that the settings name, and imports only their clients. They are closed with `app`. */
export async function openEngines(
  app: App,
  settings: Settings,
  wanted: Wanted = SERVICE,
): Promise<Engines> {
  const { DATABASE_URL, REDIS_URL, SESSION_SECRET } = settings
  const warn = (err: Error) => app.log.warn({ err, event: 'postgres_error' }, 'PostgreSQL failed')
  const database = await namingSetting('DATABASE_URL', () => openDatabase(DATABASE_URL, wanted, warn))
  const { db, postgres } = database
  if (postgres?.givesUp === false) app.log.warn({ event: 'weak_setting' }, NO_LIMITS)
  const place = readRedisUrl(REDIS_URL)
  const insurance = { onAlone: (error: unknown) => warnOfCountingAlone(app, error) }
  const seats =
    place === null
      ? await namingSetting('DATABASE_URL', () => openSeats(database, DATABASE_URL, insurance))
      : await (await import('./on-redis.ts')).openOnRedis(app, place, insurance)
  const outbox = sqlOutbox(db, randomBytes)
  const timeline = sqlTimeline(db, {
    random: randomBytes,
    retention: settings.TIMELINE_RETENTION,
    tell: tellWebhook(outbox),
    onLost: (err, count) =>
      app.log.error({ event: 'timeline_lost', err, count }, 'the timeline missed events'),
  })
  const numbers = sqlNumbers(db, () => randomBytes(9).toString('base64url'))
  const accounts = sqlAccounts(db, numbers, timeline.keep, outbox)
  const answers = sqlAnswers(db)
  const cleanups = [accounts.forgetSome, answers.forgetSome, timeline.forgetSome, outbox.queue.forget]
  const endCleanups = cleanups.map((forgetSome) =>
    forgetDaily(forgetSome, (err) =>
      app.log.warn({ event: 'cleanup_failed', err }, 'expired data was not removed'),
    ),
  )
  app.addHook('onClose', async () => {
    await Promise.all(endCleanups.map((end) => end()))
    await outbox.stop()
    await timeline.close()
    await seats.notices.close()
    await seats.store.close()
    seats.counters.close()
    await db.close()
  })
  const keys = sqlKeys(db)
  // With PostgreSQL the setting is required.
  const secrets = SESSION_SECRET.length > 0 ? SESSION_SECRET : [keptSecret(pathOf(DATABASE_URL))]
  return { ...seats, db, numbers, accounts, timeline, outbox, keys, answers, secrets }
}

/** Logs only the message: the error of a command contains the command. */
function warnOfCountingAlone(app: App, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  app.log.warn(
    { event: 'throttle_alone', reason },
    'the limits on guessing are not shared: this instance counts by itself',
  )
}

/** Keeps sessions in the database itself. Notices reach this process only. */
async function openSeats(
  { openStore, postgres }: OpenDatabase,
  url: string,
  insurance: Insurance,
): Promise<SeatEngines> {
  const counters =
    postgres === null
      ? await countersBeside(pathOf(url), insurance)
      : postgresCounters(postgres.counting, insurance)
  return { store: await openStore(), notices: localNotices(), counters }
}

async function countersBeside(path: string, insurance: Insurance): Promise<Counters> {
  if (path === ':memory:') return localCounters()
  return (await import('../throttle/sqlite.ts')).sqliteCounters(`${path}-throttle`, insurance)
}

const NO_LIMITS =
  'DATABASE_URL: what answers there takes no limits of time, as a pooler does. Set statement_timeout for the role in PostgreSQL itself (docs/operations.md).'
