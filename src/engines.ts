import { randomBytes } from 'node:crypto'
import type { Settings } from '../schemas/settings.ts'
import type { Accounts } from './accounts/accounts.ts'
import { sqlAccounts } from './accounts/sql-accounts.ts'
import { openSqlite } from './accounts/sqlite.ts'
import { connectRedis } from './connect-redis.ts'
import type { App } from './http/types.ts'
import { localNotices } from './notices/local.ts'
import type { Notices } from './notices/notices.ts'
import { redisNotices } from './notices/redis.ts'
import { redisRegister } from './registers/redis.ts'
import { sqliteRegister } from './registers/sqlite.ts'
import { keptSecret } from './session-secret.ts'
import type { Register } from './sessions/register.ts'
import { sqlTimeline } from './timeline/sql-timeline.ts'
import type { Timeline } from './timeline/timeline.ts'

/** The machinery under the rules: where users are, where sessions are, and what signs the cookies. */
export type Engines = {
  accounts: Accounts
  register: Register
  notices: Notices
  timeline: Timeline
  secrets: readonly string[]
}

/** Opens the engines that the settings name; they are closed with `app`. The only file that knows them all. */
export async function openEngines(app: App, settings: Settings): Promise<Engines> {
  const path = settings.DATABASE_URL.replace(/^file:/, '')
  const sqlite = await openSqlite(path)
  const accounts = sqlAccounts(sqlite.db)
  const redis = settings.REDIS_URL === '' ? null : await connectRedis(app, settings.REDIS_URL)
  const register = redis === null ? sqliteRegister(sqlite.file, Date.now) : redisRegister(redis)
  const notices = redis === null ? localNotices() : redisNotices(redis)
  const timeline = sqlTimeline(sqlite.db, {
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
  const secrets = settings.SESSION_SECRET.length > 0 ? settings.SESSION_SECRET : [keptSecret(path)]
  return { accounts, register, notices, timeline, secrets }
}
