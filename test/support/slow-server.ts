import { randomBytes } from 'node:crypto'
import closeWithGrace from 'close-with-grace'
import { mountApp } from '../../src/app.ts'
import { assembleParts } from '../../src/assemble.ts'
import { openEngines } from '../../src/database/engines.ts'
import { declareAccess } from '../../src/http/access.ts'
import { createFastify } from '../../src/http/server.ts'
import type { App } from '../../src/http/types.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { closedLatch } from './latch.ts'
import { carryNaively, type NaiveKind, naiveSessions } from './naive.ts'
import { slowRoutes } from './slow.ts'

// The program with slow routes, which all wait until `POST /open`; with `NAIVE` set, on naive rules.

const settings = readSettings(process.env)
const naive = (process.env['NAIVE'] ?? null) as NaiveKind | null
const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: [] })
const engines = await openEngines(app, settings)
const ours = assembleParts(app, settings, engines)
const parts = naive === null ? ours : { ...ours, sessions: naiveSessions(engines, naive, randomBytes) }
let latch = closedLatch()
let waiting = 0

await mountApp(app, parts)
await slowRoutes(wait, naive === null ? null : carryNaively)(app, parts)
await app.register(async (control: App) => {
  declareAccess(control, 'public')
  control.get('/waiting', async () => ({ waiting }))
  control.post('/open', async () => {
    latch.open()
    latch = closedLatch()
    return {}
  })
})
closeWithGrace(() => app.close())
await app.listen({ host: settings.HOST, port: settings.PORT })

async function wait(): Promise<void> {
  waiting++
  await latch.pass()
  waiting--
}
