import cluster from 'node:cluster'
import { readSettings } from '../../src/settings.ts'
import { keepTickShape } from '../../src/tick-shape.ts'
import { tellPrimary } from '../../src/workers/messages.ts'
import { keepWorkers } from '../../src/workers/primary.ts'
import { announce, cookieOf } from './answer.ts'

/** Oneseat itself, with as many workers as `WORKERS` says, started as `src/server.ts` does it. */
keepTickShape()
const settings = readSettings({ ...process.env, PORT: '0' })
const isPrimaryOfSeveral = settings.WORKERS > 1 && cluster.isPrimary
const { startService } = await import('../../src/service.ts')
const hello = await (isPrimaryOfSeveral ? keepWorkers(settings) : startService(settings))
if (cluster.isWorker) tellPrimary({ oneseat: 'ready', ...hello })
else {
  const body = JSON.stringify({ username: `ann${process.pid}`, password: 'correct horse battery' })
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  await fetch(`${hello.url}/register`, post)
  announce(`${hello.url}/me`, cookieOf(await fetch(`${hello.url}/login`, post)))
}
