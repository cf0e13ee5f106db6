import { randomBytes } from 'node:crypto'
import { mountApp } from '../src/app.ts'
import { assembleParts } from '../src/assemble.ts'
import { openEngines } from '../src/database/engines.ts'
import { createFastify } from '../src/http/server.ts'
import type { App } from '../src/http/types.ts'
import { readSettings } from '../src/settings/settings.ts'

/** The whole API, ready but not listening, over a database in memory. `prepare` sees it before any route is there. */
export async function mountedApi(prepare: (app: App) => Promise<void>): Promise<App> {
  const settings = readSettings({
    DATABASE_URL: 'file::memory:',
    SESSION_SECRET: randomBytes(32).toString('base64url'),
    LOG_LEVEL: 'silent',
  })
  const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: settings.TRUST_PROXY })
  await prepare(app)
  await mountApp(app, assembleParts(app, settings, await openEngines(app, settings)))
  await app.ready()
  return app
}
