import { mountApp } from '../../src/app.ts'
import { openEngines } from '../../src/engines.ts'
import { createFastify } from '../../src/http/fastify.ts'
import { assembleParts } from '../../src/parts.ts'
import { readSettings } from '../../src/settings.ts'
import { announce, cookieOf } from './answer.ts'

/** Oneseat itself, put together as `src/server.ts` does it, with all its headers, limits and logs. */
const settings = readSettings({ ...process.env, PORT: '0' })
const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: settings.TRUST_PROXY })
const parts = assembleParts(app, settings, await openEngines(app, settings))
await mountApp(app, parts)
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const credentials = { username: `ann${process.pid}`, password: 'correct horse battery' }
await parts.signUp({ ...credentials, roles: ['editor'] })
const login = await fetch(`${url}/login`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(credentials),
})
announce(`${url}/me`, cookieOf(login))
