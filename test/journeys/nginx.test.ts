import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Browser } from '../support/browser.ts'
import { openStream } from '../support/event-stream.ts'
import { makeUser } from '../support/people.ts'
import { startNginx } from '../support/proxies.ts'
import { journeyBehind } from '../support/proxy-journey.ts'
import { answerTo } from '../support/raw.ts'
import { startService } from '../support/service.ts'

// A program behind docs/nginx.conf, which believes what the headers say.

t.test('behind the configuration of the documents', (t) => journeyBehind(t, startNginx))

t.test('the program is told who asks, and nobody else reaches it', async (t) => {
  const { program, login, nginx } = await behindNginx(t)
  const ann = await login('ann')
  const forged = Object.fromEntries(TOLD.map((name) => [name, 'forged']))
  t.equal((await ann.program.request('GET', '/hello', undefined, forged)).status, 200)
  t.strictSame(
    TOLD.map((name) => program.asked[0]?.[name]),
    [ann.user.id, 'ann', undefined, ann.session.id, String(ann.session.epoch)], // she has no roles
  )

  t.equal((await new Browser(nginx.url, forged).get('/hello')).status, 401)
  t.equal((await new Browser(nginx.url).get('/who-asks')).status, 404, 'is not to be asked from outside')
  t.equal((await new Browser(nginx.url).get('/auth/metrics')).status, 404)
  t.equal(program.asked.length, 1)
})

t.test('a program may be for one role, and what else a request says is not in the way', async (t) => {
  const { service, program, login } = await behindNginx(t, '?role=admin')
  await makeUser(service, 'root', ['admin'])
  const [ann, root] = [await login('ann'), await login('root')]
  const odd = {
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
    'content-encoding': 'br',
  }
  t.equal((await ann.program.request('POST', '/', BODY)).status, 403)
  t.equal((await root.program.request('POST', '/', BODY, odd)).status, 200)
  t.match(program.asked, [{ 'x-user-roles': 'admin', 'content-length': String(BODY.length) }])
  const twice = ['Content-Type: text/html', 'Content-Type: text/plain'] // which Oneseat refuses for itself
  t.equal(
    (await answerTo(root.program.url, 'GET /', [...twice, `Cookie: ${root.program.cookie}`])).status,
    200,
  )
})

t.test('whoever is replaced is out at once, and is told by whom through nginx', async (t) => {
  const { login } = await behindNginx(t)
  const laptop = await login('ann')
  const stream = await openStream(laptop.oneseat)
  const phone = await login('ann')
  t.match(await stream.rest(), /session\.ended.*session_replaced/s)
  t.equal((await laptop.program.get('/hello')).status, 401)
  t.match((await laptop.oneseat.get('/me')).body, { code: 'session_replaced' })
  t.equal((await phone.program.get('/hello')).status, 200)
  t.match((await phone.oneseat.get('/me')).body, { session: { ip: '127.0.0.1' } })
})

t.test('a person who is out gets a page, a program the reason', async (t) => {
  const { nginx } = await behindNginx(t)
  const page = await new Browser(nginx.url, { accept: 'text/html,*/*' }).get('/hello')
  t.match([page.status, page.headers.get('content-type')], [401, /^text\/html/])
  t.match(page.body, 'You are signed out')
  const posted = await new Browser(nginx.url).post('/hello', { a: 1 })
  t.match(posted, { status: 401, body: { code: 'unauthenticated' } })
})

t.test('where somebody is cannot be made up', async (t) => {
  const { login } = await behindNginx(t)
  const ann = await login('ann', { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' })
  const { body, headers } = await ann.oneseat.get('/me')
  t.match(body, { session: { ip: '127.0.0.1' } })
  t.equal(headers.get('strict-transport-security'), null)
})

/** What the program may believe. */
const TOLD = ['x-user-id', 'x-user-name', 'x-user-roles', 'x-session-id', 'x-session-epoch']
/** More than Oneseat itself takes. */
const BODY = 'x'.repeat(10_000)

async function behindNginx(t: Test, query = '') {
  const service = await startService(t, 'sqlite', { env: { TRUST_PROXY: '127.0.0.1' } })
  await service.register('ann')
  const program = await startProgram(t)
  const behind = { oneseat: [service.url, service.url], program: program.url } as const
  const nginx = { url: (await startNginx(t, behind, query)).http ?? '' }

  /** A new device: with Oneseat, and with the program under the same cookies. */
  async function login(username: string, headers = {}) {
    const oneseat = new Browser(`${nginx.url}/auth`, headers)
    const { body } = await oneseat.login(username)
    const page = new Browser(nginx.url, headers)
    for (const [name, value] of oneseat.jar) page.jar.set(name, value)
    return { oneseat, program: page, user: body.user, session: body.session }
  }
  return { service, program, nginx, login }
}

/** Says yes to everything, and keeps the headers that it was asked with. */
async function startProgram(t: Test) {
  const asked: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers)
    request.resume().once('end', () => response.end('{}'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
