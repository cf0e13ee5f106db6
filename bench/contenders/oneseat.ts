import { keepTickShape } from '../../src/http/tick-shape.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { ANSWER, announce, cookieOf } from './answer.ts'

/** What a browser would say, so that the answer is as long as that of the others. */
const HEADERS = {
  'content-type': 'application/json',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
}

/** Oneseat itself, started as `src/server.ts` does it. */
keepTickShape()
const { startService } = await import('../../src/server.ts')
const { url } = await startService(readSettings({ ...process.env, PORT: '0' }))
const post = (path: string, body: object) =>
  fetch(`${url}${path}`, { method: 'POST', headers: HEADERS, body: JSON.stringify(body) })
const account = { username: `ann${process.pid}`, password: 'correct horse battery' }
await post('/register', account)
announce(`${url}/me`, cookieOf(await post('/login', { ...account, device: ANSWER.session.device.name })))
