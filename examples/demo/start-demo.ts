import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mountApp } from '../../src/app.ts'
import { assembleParts } from '../../src/assemble.ts'
import { openEngines } from '../../src/database/engines.ts'
import { createFastify } from '../../src/http/server.ts'
import type { App } from '../../src/http/types.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { startMailBox } from './mail-box.ts'
import { servePages } from './pages.ts'
import { type Policy, switchable } from './policies.ts'
import { serveStage } from './stage-values.ts'

/**
 * Starts the service on a temporary database, with two accounts, a choice of three policies, a mail server that stores its mails,
 * and the pages of the demo.
 */
export async function startDemo({ port }: { port: string }): Promise<{ app: App; url: string }> {
  const scratch = mkdtempSync(join(tmpdir(), 'oneseat-demo-'))
  const mailBox = await startMailBox()
  const ownPort = port === '0' ? await freePort() : port // mails contain the port before the service listens on it
  const settings = readSettings({
    PORT: ownPort,
    DATABASE_URL: `file:${join(scratch, 'demo.db')}`,
    LOG_LEVEL: 'error',
    MAIL_URL: mailBox.url,
    MAIL_FROM: 'Oneseat <no-reply@demo.localhost>',
    RESET_URL: `http://left.demo.localhost:${ownPort}/#token={token}`,
  })
  const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: [] })
  app.addHook('onClose', async () => {
    await mailBox.close()
    rmSync(scratch, { recursive: true, force: true })
  })
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
    const account = await parts.signUp({ username, password: PASSWORD, roles: [] }, registered)
    const email = `${username}@demo.localhost`
    await sessions.update(account.handle, parts.accounts.change(account, { email }))
  }
  const { mails } = mailBox
  serveStage(app, { username: USERS[0], password: PASSWORD, choose, chosen, mails })
  await servePages(app)
  const address = await app.listen({ host: settings.HOST, port: settings.PORT })
  return { app, url: `http://demo.localhost:${new URL(address).port}` }
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return String(port)
}

const USERS = ['ann', 'bob'] as const
const PASSWORD = 'correct horse battery'
