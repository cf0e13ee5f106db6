import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { type OneseatOptions, oneseat, oneseatRoutes } from '../../src/index.ts'
import { Browser } from '../support/browser.ts'

const SECRETS = ['a secret of the tests that is long enough']

t.test('who asks, and where they are signed in', async (t) => {
  const url = await serve(t, { sessionLimit: 2 })
  const laptop = await signIn(url, { id: 'ann', roles: ['Editor'], data: { plan: 'gold' } }, 'laptop')
  const phone = await signIn(url, { id: 'ann' }, 'phone')
  const me = await laptop.get('/account/me')
  t.match(me, { status: 200, body: { session: { device: { name: 'laptop' }, current: true } } })
  t.strictSame(me.body.user, { id: 'ann', roles: ['Editor'], data: { plan: 'gold' } })
  t.equal(me.headers.get('cache-control'), 'no-store')
  const { body } = await laptop.get('/account/me/sessions')
  t.match(
    body.sessions.map(({ device, current }: { device: { name: string }; current: boolean }) => [
      device.name,
      current,
    ]),
    [
      ['phone', false],
      ['laptop', true],
    ],
  )
  t.match(await laptop.request('DELETE', '/account/me/sessions/nothing'), {
    status: 404,
    body: { type: 'urn:oneseat:error:not_found', code: 'not_found' },
  })
  t.match(await laptop.request('DELETE', `/account/me/sessions/${body.sessions[0].id}`), { status: 204 })
  t.match(await phone.get('/account/me'), { status: 401, body: { code: 'session_revoked' } })
  t.match(await phone.get('/account/me/sessions'), { status: 401, body: { code: 'session_revoked' } })
  const gone = await laptop.request('DELETE', `/account/me/sessions/${body.sessions[1].id}`)
  t.strictSame([gone.status, laptop.cookie], [204, ''], 'one’s own: the cookie is cleared')
})

t.test('another backend asks who it is, and whether they may', async (t) => {
  const url = await serve(t)
  const ann = await signIn(url, { id: 'ann ü', roles: ['Editor', 'a,b'] })
  const { status, headers } = await ann.get('/account/verify?role=x&role=Editor')
  t.equal(status, 204)
  t.equal(headers.get('x-user-id'), 'ann%20%C3%BC')
  t.equal(headers.get('x-user-roles'), 'Editor,a%2Cb')
  t.equal(headers.get('x-user-name'), null, 'which is not known')
  t.ok(headers.get('x-session-id'))
  t.match(await ann.get('/account/verify?role=admin'), { status: 403, body: { code: 'forbidden' } })
  t.match(await ann.get('/account/verify?role='), { status: 403 })
  t.match(await new Browser(url).get('/account/verify'), {
    status: 401,
    body: { code: 'unauthenticated' },
  })
})

t.test('signing out, whatever body comes along', async (t) => {
  const url = await serve(t)
  const ann = await signIn(url, { id: 'ann' })
  const old = ann.copy()
  t.match(await ann.request('POST', '/account/logout', '', { 'content-type': 'application/json' }), {
    status: 204,
  })
  t.equal(ann.cookie, '')
  t.match(await old.get('/account/me'), { status: 401, body: { code: 'logged_out' } })
  for (const type of ['text/own', 'application/json'])
    t.match(await ann.request('POST', '/account/logout', '{', { 'content-type': type }), { status: 204 })
})

t.test('a device that was replaced disputes it, once, and hears of it on a stream', async (t) => {
  const url = await serve(t)
  const laptop = await signIn(url, { id: 'ann' })
  const stream = await fetch(`${url}/account/me/events`, { headers: { cookie: laptop.cookie } })
  t.match(stream.headers.get('content-type'), 'text/event-stream')
  const phone = await signIn(url, { id: 'ann' }, 'phone')
  t.match(await stream.text(), /event: session.ended\ndata: .*session_replaced.*"name":"phone"/)
  t.match(await phone.post('/account/sessions/dispute'), {
    status: 409,
    body: { code: 'nothing_to_dispute' },
  })
  t.match(await laptop.post('/account/sessions/dispute'), { status: 202 })
  t.match(await laptop.post('/account/sessions/dispute'), {
    status: 409,
    body: { code: 'already_disputed' },
  })
  t.match(await phone.get('/account/me'), { status: 401, body: { code: 'session_disputed' } })
})

t.test('onRefused of the plugin answers here too, and bugs go to the host', async (t) => {
  const url = await serve(t, {
    onRefused: (_request, reply, { code }) => reply.code(401).send({ mine: code }),
  })
  const nobody = new Browser(url)
  t.match(await nobody.get('/account/me'), { status: 401, body: { mine: 'unauthenticated' } })
  t.match(await nobody.get('/other/me'), { status: 418, body: { own: 'a bug' } })
})

t.test('without the plugin around it the start fails, and says what to do', async (t) => {
  const app = Fastify()
  await t.rejects(async () => app.register(oneseatRoutes), { message: /Register oneseat before/ })
  await app.close()
})

t.test('one set for each registration', async (t) => {
  const app = Fastify()
  for (const name of ['staff', 'shop'])
    await app.register(
      async (scope) => {
        await scope.register(oneseat, { ...options(t), cookie: { name } })
        await scope.register(oneseatRoutes)
        addLogin(scope)
      },
      { prefix: `/${name}` },
    )
  const url = await listen(t, app)
  const ann = new Browser(url)
  await ann.post('/staff/login', { id: 'ann' })
  t.match(await ann.get('/staff/me'), { status: 200 })
  t.match(await ann.get('/shop/me'), { status: 401 })
})

async function serve(t: Test, more: Partial<OneseatOptions> = {}): Promise<string> {
  const app = Fastify()
  app.setErrorHandler((error, _request, reply) =>
    reply.code(418).send({ own: error instanceof Error ? error.message : '' }),
  )
  await app.register(oneseat, { ...options(t), ...more })
  addLogin(app)
  await app.register(oneseatRoutes, { prefix: '/account' })
  await app.register(
    async (scope) => {
      scope.addHook('onRequest', async () => {
        throw new Error('a bug')
      })
      await scope.register(oneseatRoutes)
    },
    { prefix: '/other' },
  )
  return listen(t, app)
}

function listen(t: Test, app: FastifyInstance): Promise<string> {
  t.teardown(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}

function options(t: Test): OneseatOptions {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-routes-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return { secrets: SECRETS, database: `file:${join(dir, 'seats.db')}` }
}

type User = { id: string; roles?: string[]; data?: Record<string, unknown> }

function addLogin(app: FastifyInstance): void {
  app.post<{ Body: User & { device?: string } }>('/login', (request, reply) => {
    const { device = 'some device', ...user } = request.body
    return reply.signIn(user, { device })
  })
}

async function signIn(url: string, user: User, device = 'laptop'): Promise<Browser> {
  const browser = new Browser(url)
  await browser.post('/login', { ...user, device })
  return browser
}
