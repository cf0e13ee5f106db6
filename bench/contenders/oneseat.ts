import cluster from 'node:cluster'
import { readSettings } from '../../src/settings.ts'
import { keepTickShape } from '../../src/tick-shape.ts'
import { tellPrimary } from '../../src/workers/messages.ts'
import { keepWorkers } from '../../src/workers/primary.ts'
import { ANSWER, announce, cookieOf, settle } from './answer.ts'

/** What a browser would say, so that the answer is as long as that of the others. */
const HEADERS = {
  'content-type': 'application/json',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
}

/** Oneseat itself, with as many workers as `WORKERS` says, started as `src/server.ts` does it. */
keepTickShape()
const settings = readSettings({ ...process.env, PORT: '0' })
const isPrimaryOfSeveral = settings.WORKERS > 1 && cluster.isPrimary
const { startService } = await import('../../src/service.ts')
const hello = await (isPrimaryOfSeveral ? keepWorkers(settings) : startService(settings))
if (cluster.isWorker) {
  settle()
  tellPrimary({ oneseat: 'ready', ...hello })
} else {
  const post = (path: string, body: object) =>
    fetch(`${hello.url}${path}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) })
  const account = { username: `ann${process.pid}`, password: 'correct horse battery' }
  await post('/register', account)
  announce(
    `${hello.url}/me`,
    cookieOf(await post('/login', { ...account, device: ANSWER.session.device.name })),
  )
}
