import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Browser } from '../support/browser.ts'
import { openStream } from '../support/event-stream.ts'
import { startNginx } from '../support/nginx.ts'
import { makeUser } from '../support/people.ts'
import { startService } from '../support/service.ts'

// A program behind docs/nginx.conf, which believes what the headers say.

t.test('the program is told who asks, and nobody else reaches it', async (t) => {
  const { program, login, nginx } = await behindNginx(t)
  const ann = await login('ann')
  const forged = { 'x-user-id': 'me', 'x-user-name': 'root', 'x-user-roles': 'admin' }
  t.equal((await ann.program.request('GET', '/hello', undefined, forged)).status, 200)
  t.match(program.asked[0], { 'x-user-name': 'ann', 'x-user-id': ann.id })
  t.equal(program.asked[0]?.['x-user-roles'], undefined, 'she has none')

  t.equal((await new Browser(nginx.url, forged).get('/hello')).status, 401)
  t.equal((await new Browser(nginx.url).get('/who-asks')).status, 404, 'is not to be asked from outside')
  t.equal((await new Browser(nginx.url).get('/auth/metrics')).status, 404)
  t.equal(program.asked.length, 1)
})

t.test('roles are asked for by path, and a large body is not in the way', async (t) => {
  const { service, program, login } = await behindNginx(t)
  await makeUser(service, 'root', ['admin'])
  const [ann, root] = [await login('ann'), await login('root')]
  t.equal((await ann.program.request('POST', '/admin/', 'x'.repeat(10_000))).status, 403)
  t.equal((await root.program.request('POST', '/admin/', 'x'.repeat(10_000))).status, 200)
  t.match(program.asked, [{ 'x-user-name': 'root', 'x-user-roles': 'admin', 'content-length': '10000' }])
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

t.test('where somebody is cannot be made up', async (t) => {
  const { login } = await behindNginx(t)
  const ann = await login('ann', { 'x-forwarded-for': '203.0.113.7' })
  t.match((await ann.oneseat.get('/me')).body, { session: { ip: '127.0.0.1' } })
})

async function behindNginx(t: Test) {
  const service = await startService(t, 'sqlite', { env: { TRUST_PROXY: '127.0.0.1' } })
  await service.register('ann')
  const program = await startProgram(t)
  const nginx = await startNginx(service.url, program.url)
  t.teardown(() => nginx.stop())

  /** A new device: with Oneseat, and with the program under the same cookies. */
  async function login(username: string, headers = {}) {
    const oneseat = new Browser(`${nginx.url}/auth`, headers)
    const { body } = await oneseat.login(username)
    const page = new Browser(nginx.url, headers)
    for (const [name, value] of oneseat.jar) page.jar.set(name, value)
    return { oneseat, program: page, id: body.user.id as string }
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
