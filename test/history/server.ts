import { randomBytes } from 'node:crypto'
import closeWithGrace from 'close-with-grace'
import { mountApp } from '../../src/app.ts'
import { assembleParts } from '../../src/assemble.ts'
import { type Engines, openEngines } from '../../src/database/engines.ts'
import { connectRedis } from '../../src/database/on-redis.ts'
import { createFastify } from '../../src/http/server.ts'
import { readRedisUrl } from '../../src/settings/redis-url.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { naiveSessions } from './naive.ts'

// The program with one thing taken out of it, so that the history test can be seen to fail: `WITHOUT=fence` has every
// answer of the store come from the same history, `WITHOUT=atomicity` keeps sessions as it is usually done.

const settings = readSettings(process.env)
const app = createFastify({ ...settings, logLevel: settings.LOG_LEVEL, trustProxy: [] })
const engines = await openEngines(app, settings)
const parts = assembleParts(
  app,
  settings,
  process.env['WITHOUT'] === 'fence' ? unfenced(engines) : engines,
)
if (process.env['WITHOUT'] === 'atomicity') {
  const place = readRedisUrl(settings.REDIS_URL)
  if (place === null) throw new Error('the naive store needs Redis')
  const scope = createFastify({ logLevel: 'silent', trustProxy: [] }) // the plugin takes one client per app
  const naive = naiveSessions(await connectRedis(scope, place), engines.numbers.numbers, randomBytes, {
    idleTimeout: settings.IDLE_TIMEOUT,
    absoluteTimeout: settings.ABSOLUTE_TIMEOUT,
  })
  Object.assign(parts.sessions, naive)
}
await mountApp(app, parts)
closeWithGrace(() => app.close())
await app.listen({ host: settings.HOST, port: settings.PORT })

/** As if nothing could be lost apart from SQL: no history is looked at, and no number is compared. */
function unfenced(given: Engines): Engines {
  const { store } = given
  const read = async (handle: string) => ({ ...(await store.read(handle)), history: '', parent: '' })
  return { ...given, store: { ...store, histories: 'none', read } }
}
