import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { programBehind } from '../../examples/hono-verify/app.ts'
import { Browser } from '../support/browser.ts'
import { backend } from '../support/keys.ts'
import { startService } from '../support/service.ts'
import { startExample } from './start-example.ts'

const ANN = { username: 'ann', password: 'correct horse battery' }
const BOB = { username: 'bob', password: 'purple lanterns at noon' }
const FIREFOX = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
}

for (const recipe of [
  'express-verify/app.js',
  'hono-verify/app.ts',
  'python-verify/app.py',
  'flask-verify/app.py',
  'php-verify/app.php',
]) {
  t.test(`${recipe} signs its own users in, and asks who they are`, async (t) => {
    const service = await startService(t, 'sqlite', { env: { ACCOUNTS: 'external' } })
    const { key } = await backend(service, 'shop', 'sign-in')
    const oneseat = { url: service.url, key }
    const url = recipe.startsWith('hono')
      ? await serveHono(t, oneseat)
      : await startExample(t, recipe, { ONESEAT_URL: oneseat.url, ONESEAT_KEY: key })
    const [laptop, phone, other] = [new Browser(url, FIREFOX), new Browser(url), new Browser(url)]

    t.match(await laptop.get('/orders'), { status: 401, body: { code: 'unauthenticated' } })
    for (const wrong of [
      { ...ANN, password: 'wrong' },
      { ...ANN, username: 'nobody' },
    ])
      t.match(await laptop.post('/login', wrong), { status: 401, body: { code: 'invalid_credentials' } })
    t.strictSame(laptop.cookie, '')

    t.strictSame((await laptop.post('/login', ANN)).body, { replaced: [] })
    const orders = await laptop.get('/orders')
    t.equal(orders.status, 200)
    t.match(JSON.stringify(orders.body), /Ann/)
    t.equal((await laptop.get('/reports')).status, 200)
    t.match((await laptop.copy(service.url).get('/me')).body, {
      user: { id: 'crm:17', name: 'Ann', roles: ['editor'] },
      session: { device: { os: 'Linux', browser: 'Firefox' }, ip: '127.0.0.1' },
    })
    t.strictSame((await laptop.post('/login', ANN)).body, { replaced: [] }, 'the same browser')

    const second = await phone.post('/login', ANN)
    t.match(second.body, { replaced: [{ device: { browser: 'Firefox' } }] })
    t.match(await laptop.get('/orders'), {
      status: 401,
      body: { code: 'session_replaced', replacedBy: { device: {}, ip: '127.0.0.0/24' } },
    })
    t.equal((await phone.get('/orders')).status, 200)

    t.equal((await other.post('/login', BOB)).status, 200)
    t.match(await other.get('/reports'), { status: 403, body: { code: 'forbidden' } })

    await service.engines.keys.revoke('shop')
    const refused = await other.post('/login', BOB)
    t.match(refused, { status: 401, body: { code: 'invalid_key' } }, 'a refusal is passed on')
    t.strictSame(refused.setCookies, [])
    await service.app.close()
    t.equal((await phone.get('/orders')).status, 503, 'not 401 while nobody can say')
    t.equal((await phone.post('/login', ANN)).status, 503)
  })
}

/** Serves the program in Hono over HTTP, as `@hono/node-server` would. */
async function serveHono(t: Test, oneseat: { url: string; key: string }): Promise<string> {
  const users = [
    { ...ANN, user: { id: 'crm:17', name: 'Ann', roles: ['editor'] } },
    { ...BOB, user: { id: 'crm:18', name: 'Bob', roles: [] } },
  ]
  const program = programBehind(oneseat, async (username, password) => {
    const found = users.find((each) => each.username === username && each.password === password)
    return found?.user ?? null
  })
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const body = method === 'GET' ? null : await text(request)
    const asked = { method, headers: headers as Record<string, string>, body }
    const answer = await program.request(url, asked)
    response.writeHead(answer.status, [...answer.headers].flat()).end(await answer.text())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
