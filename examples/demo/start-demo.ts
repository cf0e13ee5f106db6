import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mountApp } from '../../src/app.ts'
import { assembleParts } from '../../src/assemble.ts'
import { openEngines } from '../../src/database/engines.ts'
import { createFastify } from '../../src/http/server.ts'
import type { App } from '../../src/http/types.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { servePages } from './pages.ts'
import { type Policy, switchable } from './policies.ts'
import { serveStage } from './stage-values.ts'

/** The service on a scratch database, with two accounts, three policies to choose from, and the pages of the demo. */
export async function startDemo({ port }: { port: string }): Promise<{ app: App; url: string }> {
  const scratch = mkdtempSync(join(tmpdir(), 'oneseat-demo-'))
  const settings = readSettings({
    PORT: port,
    DATABASE_URL: `file:${join(scratch, 'demo.db')}`,
    LOG_LEVEL: 'error',
  })
  const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: [] })
  app.addHook('onClose', async () => rmSync(scratch, { recursive: true, force: true }))
  const engines = await openEngines(app, settings)
  const partsUnder = (ON_LIMIT: Policy) => assembleParts(app, { ...settings, ON_LIMIT }, engines)
  const parts = partsUnder('replace')
  const { sessions, choose, chosen } = switchable((policy) => partsUnder(policy).sessions)
  await mountApp(app, { ...parts, sessions })
  for (const username of USERS) {
    const registered = {
      type: 'registered',
      at: Date.now(),
      sessionId: null,
      device: null,
      ip: null,
      by: null,
    } as const
    await parts.signUp({ username, password: PASSWORD, roles: [] }, registered)
  }
  serveStage(app, { username: USERS[0], password: PASSWORD, choose, chosen })
  await servePages(app)
  const address = await app.listen({ host: settings.HOST, port: settings.PORT })
  return { app, url: `http://demo.localhost:${new URL(address).port}` }
}

const USERS = ['ann', 'bob'] as const
const PASSWORD = 'correct horse battery'
