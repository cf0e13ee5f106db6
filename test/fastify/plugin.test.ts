import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTick } from 'node:timers/promises'
import fastifyCookie from '@fastify/cookie'
import fastifyRedis from '@fastify/redis'
import fastifySession from '@fastify/session'
import Database from 'better-sqlite3'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import { Redis } from 'ioredis'
import pg from 'pg'
import t, { type Test } from 'tap'
import { type OneseatOptions, oneseat } from '../../src/index.ts'
import { openDatabase } from '../support/database.ts'
import { startRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

const SECRET = 'a secret of the tests that is long enough'

t.test('a new login signs the older device out, which is told by whom', async (t) => {
  const app = await open(t)
  const laptop = await signIn(app, 'ann', { device: 'laptop' })
  t.match(laptop.body, { session: { device: { name: 'laptop' }, current: true }, replaced: [] })
  t.match(await ask(app, '/me', laptop), { statusCode: 200 })
  const phone = await signIn(app, 'ann', { device: 'phone' })
  t.match(phone.body, { replaced: [{ id: laptop.body.session.id, current: false }] })
  const refused = await ask(app, '/me', laptop)
  t.equal(refused.statusCode, 401)
  t.match(refused.headers, {
    'content-type': /^application\/problem\+json/,
    'cache-control': 'no-store',
  })
  t.match(refused.json(), {
    code: 'session_replaced',
    replacedBy: { device: { name: 'phone' }, ip: '127.0.0.0/24', at: /^\d{4}-.*Z$/ },
  })
  t.match(await ask(app, '/me', phone), { statusCode: 200 })
})

t.test('the principal has the user, their data and the session, and no secret', async (t) => {
  const app = await open(t)
  const signedIn = await signIn(app, 'ann', { roles: ['editor'], data: { plan: 'gold' } })
  const { json } = await ask(app, '/me', signedIn)
  t.strictSame(json().user, { id: 'ann', roles: ['editor'], data: { plan: 'gold' } })
  t.strictSame(json().session, signedIn.body.session)
  const { key, secretHash, proof } = json().session
  t.strictSame([key, secretHash, proof], [undefined, undefined, undefined])
  t.match(await ask(app, '/open', signedIn), { body: 'null' }, 'null in an open route')
})

t.test('nobody, a made-up cookie and two cookies are refused', async (t) => {
  const app = await open(t)
  const { cookie } = await signIn(app, 'ann')
  t.match((await ask(app, '/me', { cookie: '' })).json(), { code: 'unauthenticated', status: 401 })
  const madeUp = cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
  t.match((await ask(app, '/me', { cookie: madeUp })).json(), { code: 'unauthenticated' })
  t.match(await ask(app, '/me', { cookie: `${cookie}; ${madeUp}` }), { statusCode: 400 })
  t.match(await ask(app, '/me', { cookie: `a=b; ${cookie}; c=d` }), { statusCode: 200 })
})

t.test('roles: one of them will do, without the other guard beside it', async (t) => {
  const app = await open(t)
  const ann = await signIn(app, 'ann', { roles: ['editor'] })
  const root = await signIn(app, 'root', { roles: ['admin'] })
  t.match(await ask(app, '/admin', { cookie: '' }), { statusCode: 401 })
  t.match((await ask(app, '/admin', ann)).json(), { code: 'forbidden', status: 403 })
  t.match(await ask(app, '/admin', root), { statusCode: 200 })
  await app.sessions.update('ann', { roles: ['owner'] })
  t.match(await ask(app, '/admin', ann), { statusCode: 200 }, 'on the next request')
})

t.test('signOut ends it, clears the cookie, and is 204 also without a session', async (t) => {
  const app = await open(t)
  const ann = await signIn(app, 'ann')
  for (const cookie of [ann.cookie, ann.cookie, '']) {
    const answer = await app.inject({ method: 'POST', url: '/logout', headers: { cookie } })
    t.equal(answer.statusCode, 204)
    t.match(answer.headers['set-cookie'], /^oneseat=; Max-Age=0; Path=\//)
  }
  t.match((await ask(app, '/me', ann)).json(), { code: 'logged_out' })
})

t.test('the cookie: its name, its reach and its life', async (t) => {
  const app = await open(t)
  const { setCookie } = await signIn(app, 'ann')
  t.match(
    setCookie,
    /^oneseat=[\w-]{16}\.[\w-]{43}; Max-Age=43200; Path=\/; Expires=\w+, .* GMT; HttpOnly; SameSite=Lax$/,
  )
  const https = { 'x-forwarded-proto': 'https' }
  const strict = await open(t, { cookie: { secure: true, sameSite: 'strict' } }, { trustProxy: true })
  t.match(
    (await signIn(strict, 'ann', {}, https)).setCookie,
    /^__Host-oneseat=.*; Secure; SameSite=Strict$/,
  )
  const insecure = await strict.inject({ method: 'POST', url: '/login', payload: { id: 'ann' } })
  t.match(insecure, { statusCode: 426 }, 'before it replaces anybody')
  const wide = { name: 'sid', domain: 'example.com', secure: true }
  const other = await open(t, { cookie: wide }, { trustProxy: true })
  t.match((await signIn(other, 'ann', {}, https)).setCookie, /^__Secure-sid=.*; Domain=example\.com; /)
})

t.test('limits, also by role, and what a login does then', async (t) => {
  const app = await open(t, { sessionLimit: 2, sessionLimitByRole: { admin: 3 } })
  const [first, second] = [await signIn(app, 'ann'), await signIn(app, 'ann')]
  t.match(await ask(app, '/me', first), { statusCode: 200 })
  await signIn(app, 'ann')
  t.match(await ask(app, '/me', first), { statusCode: 401 })
  t.match(await ask(app, '/me', second), { statusCode: 200 })
  for (let i = 0; i < 3; i++) await signIn(app, 'root', { roles: ['admin'] })
  t.equal((await app.sessions.list('root')).length, 3)

  const asking = await open(t, { onLimit: 'ask' })
  const mine = await signIn(asking, 'ann')
  const full = await asking.inject({ method: 'POST', url: '/login', payload: { id: 'ann' } })
  t.match(full, { statusCode: 409 })
  t.match(
    full.json(),
    { code: 'session_limit_reached', message: /signed in/ },
    'the error handler has it',
  )
  t.equal((await signIn(asking, 'ann', { replace: mine.body.session.id })).status, 200)
})

t.test('what an application can do with sessions', async (t) => {
  const app = await open(t, { sessionLimit: 2 })
  const told: unknown[] = []
  app.sessions.on('ended', (event) => told.push(event))
  const [first, second] = [await signIn(app, 'ann'), await signIn(app, 'ann')]
  const [firstId, secondId] = [first.body.session.id, second.body.session.id]
  t.strictSame(
    (await app.sessions.list('ann')).map(({ id }) => id),
    [secondId, firstId],
  )
  t.strictSame(await app.sessions.list('nobody'), [])
  t.strictSame(await app.sessions.revoke('ann', firstId), [firstId])
  t.strictSame(await app.sessions.revoke('ann', 'nothing'), [])
  t.strictSame(await app.sessions.revoke('nobody', null), [])
  t.match((await ask(app, '/me', first)).json(), { code: 'session_revoked' })
  await app.sessions.update('ann', { disabled: true })
  t.match((await ask(app, '/me', second)).json(), { code: 'user_disabled' })
  const refused = await app.inject({ method: 'POST', url: '/login', payload: { id: 'ann' } })
  t.match(refused.json(), { code: 'user_disabled' })
  await app.sessions.update('ann', { disabled: false, data: { a: 1 } })
  const again = await signIn(app, 'ann')
  t.match((await ask(app, '/me', again)).json(), { user: { data: { a: 1 } } })
  await app.sessions.update('new one', { roles: ['editor'] })
  t.match((await ask(app, '/me', await signIn(app, 'new one'))).json(), { user: { roles: ['editor'] } })
  t.match(told, [
    { userId: 'ann', sessionId: firstId, code: 'session_revoked' },
    { userId: 'ann', sessionId: secondId, code: 'user_disabled' },
  ])
})

t.test(
  'user ids are compared as they are; bad ones and too much data are the caller’s mistake',
  async (t) => {
    const app = await open(t)
    const names = ['ann', 'Ann', 'a\u0301nn', '\u00e1nn', 'ann ', 'a\tn\n', '😀', 'x'.repeat(128)]
    const all = await Promise.all(names.map((name) => signIn(app, name)))
    for (const [i, each] of all.entries()) {
      t.equal((await ask(app, '/me', each)).json().user.id, names[i])
    }
    for (const id of ['', 'x'.repeat(129), '\ud800', 'a\0', 7, null, undefined]) {
      t.match(await app.inject({ method: 'POST', url: '/login', payload: { id } }), { statusCode: 500 })
    }
    await t.rejects(app.sessions.list(7 as never), { message: /For a number pass String\(id\)$/ })
    for (const data of [{ a: 'x'.repeat(1024) }, [1], 'text']) {
      t.match(await app.inject({ method: 'POST', url: '/login', payload: { id: 'ann', data } }), {
        statusCode: 500,
      })
    }
    for (const roles of ['admin', [''], [7], ['x'.repeat(129)], Array(65).fill('x'), null]) {
      const payload = { id: 'ann', roles }
      t.match(await app.inject({ method: 'POST', url: '/login', payload }), { statusCode: 500 })
      await t.rejects(app.sessions.update('ann', { roles } as never), { message: /roles is a list/ })
    }
    t.match(await ask(app, '/me', all[0] as SignedIn), { statusCode: 200 }, 'nothing has changed')
  },
)

t.test('a device that is no text has no name, and nobody is the worse for it', async (t) => {
  const app = await open(t)
  const laptop = await signIn(app, 'ann')
  for (const device of [5, {}, true, ['a'], `${'a'.repeat(63)}\u{1f4f1}`]) {
    const phone = await signIn(app, 'bob', { device: device as string })
    t.equal(phone.status, 200)
    t.match(phone.body.session.device.name ?? '', /^(a{63}\ufffd)?$/)
  }
  t.match(await ask(app, '/me', laptop), { statusCode: 200 })
})

t.test('a session whose cookie nobody gets is not made, or ends', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(oneseat, optionsFor(t))
  addRoutes(app)
  const late = new Promise<unknown>((done) =>
    app.post('/late', async (_request, reply) => {
      reply.send('too late')
      await reply.signIn({ id: 'ann' }).then(done, done)
      return reply
    }),
  )
  app.post('/in-and-out', async (_request, reply) => {
    await reply.signIn({ id: 'ann' })
    await reply.signOut()
  })
  app.post('/as-another', async (_request, reply) => {
    await reply.signIn({ id: 'ann' })
    return reply.signIn({ id: 'bob' })
  })
  const laptop = await signIn(app, 'ann')
  await app.inject({ method: 'POST', url: '/late' })
  t.match(await late, { message: /^oneseat: reply.signIn has to come before the answer is sent/ })
  t.match(await ask(app, '/me', laptop), { statusCode: 200 })
  for (const url of ['/in-and-out', '/as-another']) {
    await app.inject({ method: 'POST', url })
    t.strictSame(await app.sessions.list('ann'), [], url)
  }
  t.match(await app.sessions.list('bob'), [{}])
})

t.test('who has listened long enough hears no more', async (t) => {
  const app = await open(t)
  const heard: string[] = []
  const stop = app.sessions.on('ended', ({ sessionId }) => heard.push(sessionId))
  const first = await signIn(app, 'ann')
  await signIn(app, 'ann')
  stop()
  await signIn(app, 'ann')
  t.strictSame(heard, [first.body.session.id])
})

t.test('what app.sessions is asked for and cannot be meant is refused', async (t) => {
  const { sessions } = await open(t)
  const unknown = undefined as unknown as null
  await t.rejects(sessions.revoke('ann', unknown), /session id, or null for all/)
  const disabled = 'false' as unknown as boolean
  await t.rejects(sessions.update('ann', { disabled }), /disabled is true or false/)
  t.throws(() => sessions.on('end' as 'ended', () => {}), /the only event is ended/)
})

t.test('on a shared browser the other user is signed out', async (t) => {
  const app = await open(t)
  const bob = await signIn(app, 'bob')
  const ann = await signIn(app, 'ann', {}, { cookie: bob.cookie })
  t.match((await ask(app, '/me', bob)).json(), { code: 'logged_out' })
  const again = await signIn(app, 'ann', {}, { cookie: ann.cookie })
  t.strictSame(again.body.replaced, [], 'the same browser replaces itself silently')
})

t.test('if that cannot be done, the login is none the worse for it', async (t) => {
  const options = optionsFor(t)
  const app = await open(t, options)
  const bob = await signIn(app, 'bob')
  const db = new Database(String(options.database).slice('file:'.length))
  db.exec(`CREATE TRIGGER broken BEFORE UPDATE ON oneseat_users WHEN NEW.id = 'bob'
    BEGIN SELECT RAISE(ABORT, 'broken for a test'); END`)
  db.close()
  const ann = await signIn(app, 'ann', {}, { cookie: bob.cookie })
  t.equal(ann.status, 200)
  t.match(await ask(app, '/me', ann), { statusCode: 200 })
})

t.test('a session that nobody used is told to have ended, once', async (t) => {
  const app = await open(t, { idleTimeout: 300 })
  const told: unknown[] = []
  app.sessions.on('ended', (event) => told.push(event))
  const ann = await signIn(app, 'ann')
  while (Date.parse(ann.body.session.idleExpiresAt) > Date.now() - 50) await nextTick()
  for (const _ of [1, 2]) t.match((await ask(app, '/me', ann)).json(), { code: 'session_idle' })
  t.strictSame(told, [{ userId: 'ann', sessionId: ann.body.session.id, code: 'session_idle' }])
})

t.test('onRefused answers instead; if it sends nothing, the refusal is sent', async (t) => {
  const seen: unknown[] = []
  const app = await open(t, {
    onRefused: (request, reply, refusal) => {
      seen.push(refusal)
      if (request.headers.accept === 'text/html') reply.redirect(`/login?why=${refusal.code}`)
    },
  })
  const laptop = await signIn(app, 'ann')
  await signIn(app, 'ann', { device: 'phone' })
  const accept = 'text/html'
  const headers = { cookie: laptop.cookie, accept }
  t.match(await app.inject({ url: '/me', headers }), {
    statusCode: 302,
    headers: { location: '/login?why=session_replaced' },
  })
  t.match(await app.inject({ url: '/admin', headers: { accept } }), { statusCode: 302 })
  t.match(await ask(app, '/me', laptop), { statusCode: 401 })
  t.match(seen[0], { code: 'session_replaced', status: 401, replacedBy: { device: { name: 'phone' } } })
})

t.test('onRefused need not return what it sends, whatever hooks the host has', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.addHook('onSend', async (_request, _reply, payload) => {
    await nextTick()
    return payload
  })
  await app.register(oneseat, {
    ...optionsFor(t),
    onRefused: (_request, reply) => {
      reply.code(418).type('text/plain').send('own')
    },
  })
  addRoutes(app)
  for (const url of ['/me', '/admin']) {
    const { statusCode, body, headers } = await app.inject({ url })
    t.strictSame([statusCode, body, headers['content-type']], [418, 'own', 'text/plain'])
  }
})

t.test('a listener that throws or rejects is told to the log, and to nobody else', async (t) => {
  const lines: string[] = []
  const app = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } })
  t.teardown(() => app.close())
  await app.register(oneseat, optionsFor(t))
  addRoutes(app)
  const told: unknown[] = []
  app.sessions.on('ended', () => {
    throw new Error('thrown by the host')
  })
  app.sessions.on('ended', async () => {
    throw new Error('rejected by the host')
  })
  app.sessions.on('ended', ({ code }) => told.push(code))
  await signIn(app, 'ann')
  const phone = await signIn(app, 'ann')
  t.match(await ask(app, '/me', phone), { statusCode: 200 })
  t.strictSame(told, ['session_replaced'])
  for (const message of ['thrown by the host', 'rejected by the host'])
    t.ok(lines.some((line) => line.includes(message)))
})

t.test('it works in an app that has much of its own, and changes nothing of it', async (t) => {
  const app = Fastify({ bodyLimit: 2_000 })
  t.teardown(() => app.close())
  const hooks: string[] = []
  await app.register(fastifyCookie, { secret: 'own', parseOptions: { domain: 'own.example' } })
  app.decorateRequest('born', null)
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-own', 'yes')
    hooks.push('onSend')
  })
  app.setErrorHandler((error, _request, reply) => {
    const { code } = error as { code?: string }
    return reply.code(418).send({ own: true, code })
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send('own'))
  app.addContentTypeParser('text/own', { parseAs: 'string' }, (_request, body, done) =>
    done(null, { id: body }),
  )
  await app.register(
    async (scope) => {
      await scope.register(oneseat, optionsFor(t))
      addRoutes(scope)
      scope.get('/own', async (_request, reply) => {
        reply.setCookie('own', 'x')
        throw Object.assign(new Error('own'), { code: 'OWN' })
      })
    },
    { prefix: '/v1' },
  )
  const payload = 'ann'
  const headers = { 'content-type': 'text/own' }
  const login = await app.inject({ method: 'POST', url: '/v1/login', headers, payload })
  t.match(login, { statusCode: 200, headers: { 'x-own': 'yes' } })
  const setCookie = [login.headers['set-cookie']].flat().join()
  t.match(setCookie, /^oneseat=/)
  t.notMatch(setCookie, /own\.example/, 'its defaults are for its own cookies')
  const cookie = setCookie.split(';')[0] ?? ''
  t.match(await app.inject({ url: '/v1/me', headers: { cookie } }), { statusCode: 200 })
  const refused = await app.inject({ url: '/v1/me' })
  t.match(refused, { statusCode: 401, headers: { 'x-own': 'yes' } }, 'whatever its error handler does')
  t.match(await app.inject({ url: '/v1/own' }), { statusCode: 418, body: /OWN/ })
  t.match(await app.inject({ url: '/nowhere' }), { body: 'own' })
  t.notOk(app.hasDecorator('requireSession'), 'and only in the scope where it is registered')
})

t.test('a host with a Redis, a logger and a guard of its own keeps them', async (t) => {
  const server = await startRedis()
  const logged: string[] = []
  const app = Fastify({
    logger: { level: 'info', stream: { write: (line: string) => void logged.push(line) } },
  })
  t.teardown(async () => {
    await app.close()
    await server.stop()
  })
  await app.register(fastifyRedis, { url: server.url })
  const { redis } = app as unknown as { redis: Redis }
  await app.register(oneseat, { ...optionsFor(t), redis })
  await app.register(fastifyCookie) // after the plugin, too
  app.addHook('preHandler', async (request, reply) => {
    if (request.headers['x-blocked'] === 'yes') return reply.code(451).send('own')
  })
  addRoutes(app)
  const ann = await signIn(app, 'ann')
  t.match(await ask(app, '/me', ann), { statusCode: 200 })
  t.match(await app.inject({ url: '/me', headers: { 'x-blocked': 'yes' } }), { statusCode: 451 })
  t.equal(await redis.get('own'), null)
  t.equal(await redis.set('own', '1'), 'OK')
  t.ok(
    logged.some((line) => line.includes('"url":"/login"')),
    'requests are logged as ever',
  )
  t.notOk(
    logged.some((line) => line.includes(ann.cookie)),
    'without the cookie',
  )
})

t.test('it closes with its host, and leaves nothing that keeps the process running', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const admin = new Redis(server.url)
  t.teardown(() => admin.disconnect())
  const connections = async () =>
    String(await admin.client('LIST'))
      .trim()
      .split('\n').length
  const before = await connections()
  const app = await open(t, { redis: server.url })
  await signIn(app, 'ann')
  t.ok((await connections()) > before)
  await app.close()
  while ((await connections()) > before);
  t.equal(await connections(), before)
})

t.test('two registrations in scopes of their own know nothing of each other', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  const { database } = optionsFor(t)
  for (const name of ['staff', 'shop']) {
    await app.register(
      async (scope) => {
        const own = { database, cookie: { name }, tablePrefix: `${name}_` }
        await scope.register(oneseat, { secrets: [SECRET], ...own })
        addRoutes(scope)
      },
      { prefix: `/${name}` },
    )
  }
  await app.ready()
  const staff = await signIn(app, 'ann', {}, {}, '/staff')
  const shop = await signIn(app, 'ann', {}, { cookie: staff.cookie }, '/shop')
  const both = { cookie: `${staff.cookie}; ${shop.cookie}` }
  for (const scope of ['/staff', '/shop'])
    t.match(await ask(app, `${scope}/me`, both), { statusCode: 200 }, scope)
  t.match(await ask(app, '/shop/me', staff), { statusCode: 401 })
  await signIn(app, 'ann', {}, {}, '/staff')
  t.match(await ask(app, '/staff/me', both), { statusCode: 401 })
  t.match(await ask(app, '/shop/me', both), { statusCode: 200 })
})

t.test('what cannot work stops the start, in a sentence that names it', async (t) => {
  const database = 'file::memory:'
  const secrets = [SECRET]
  for (const [options, message] of [
    [{ database }, /secrets: needs a list/],
    [{ database, secrets: [] }, /secrets: needs a list/],
    [{ database, secrets: [undefined] }, /secrets: number 1 of the list is undefined/],
    [{ database, secrets: [''] }, /secrets: number 1 of the list has 0 characters/],
    [{ database, secrets: [SECRET, 'short'] }, /secrets: number 2 of the list has 5 characters/],
    [{ secrets }, /database: is 'file:'/],
    [{ secrets, database: './seats.db' }, /database: is 'file:'/],
    [{ secrets, database, sessionLimit: 0 }, /sessionLimit: is a whole number/],
    [{ secrets, database, sessionLimitByRole: { admin: 1.5 } }, /sessionLimitByRole.admin/],
    [{ secrets, database, onLimit: 'kick' }, /onLimit: is replace, refuse or ask/],
    [{ secrets, database, idleTimeout: 'soon' }, /idleTimeout: is milliseconds/],
    [{ secrets, database, idleTimeout: '2h', absoluteTimeout: '1h' }, /idleTimeout: may not be longer/],
    [{ secrets, database, refuseWhileSeen: -1 }, /refuseWhileSeen/],
    [{ secrets, database, cookie: { name: 'a b' } }, /cookie.name/],
    [{ secrets, database, cookie: { sameSite: 'none' } }, /cookie.sameSite/],
    [{ secrets, database, cookie: { domain: 'https://x' } }, /cookie.domain/],
    [{ secrets, database, tablePrefix: 'a-b' }, /tablePrefix/],
    [{ secrets, database, keyPrefix: '{x}' }, /keyPrefix/],
    [{ secrets, database: new pg.Client() }, /database: is 'file:'.*, or a pool of pg/],
    [{ secrets, database: {} }, /database: is 'file:'.*, or a pool of pg/],
    [{ secrets, database, redis: { duplicate() {} } }, /redis: is a URL, or a client of ioredis/],
    [{ secrets, database, redis: null }, /redis: is a URL, or a client of ioredis/],
    [{ secrets, database, cookie: { secure: 'true' } }, /cookie.secure: is true or auto/],
    [{ secrets, database, redis: 'http://x' }, /redis: this is not the URL of a Redis/],
    [{ secrets, database: 'postgres://127.0.0.1:1/x' }, /^oneseat: option database: .*ECONNREFUSED/],
    [{ secrets, database: 'file:/proc/nope/a.db' }, /^oneseat: option database: ENOENT/],
  ] as const) {
    const app = Fastify()
    await t.rejects(async () => app.register(oneseat, options as never).ready(), { message })
    await app.close()
  }
  const twice = Fastify()
  await twice.register(oneseat, { secrets, database })
  await t.rejects(async () => twice.register(oneseat, { secrets, database }), {
    message: /registered twice/,
  })
  await twice.close()
})

t.test('an app with @fastify/session is told that it cannot have both', async (t) => {
  const before = Fastify()
  await before.register(fastifyCookie)
  await before.register(fastifySession, { secret: SECRET })
  await t.rejects(async () => before.register(oneseat, optionsFor(t)), {
    message: /has @fastify\/session/,
  })
  await before.close()
  const after = Fastify()
  await after.register(oneseat, optionsFor(t))
  await after.register(fastifyCookie)
  await after.register(fastifySession, { secret: SECRET })
  await t.rejects(async () => after.ready(), { message: /has @fastify\/session/ })
  await after.close()
})

t.test('a pool and a client that are given are used, and not closed', async (t) => {
  const url = await openDatabase(t)
  const pool = new pg.Pool({ connectionString: url })
  const server = await startRedis()
  const redis = new Redis(server.url)
  t.teardown(async () => {
    await pool.end()
    redis.disconnect()
    await server.stop()
  })
  await pool.query('CREATE TABLE users (name text)') // a table of the application's own
  for (const options of [{ database: pool }, { database: pool, redis, keyPrefix: 'mine:' }]) {
    const app = await open(t, options)
    const ann = await signIn(app, 'ann')
    t.match(await ask(app, '/me', ann), { statusCode: 200 })
    await app.close()
    t.equal((await pool.query('SELECT 1 AS one')).rows[0].one, 1)
    t.equal(await redis.ping(), 'PONG')
  }
  t.match(await redis.keys('mine:*'), [/^mine:/])
  t.match((await pool.query("SELECT to_regclass('users') AS users")).rows, [{ users: 'users' }])
})

t.test('instances that share their stores tell each other which sessions end', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const shared = { ...optionsFor(t), redis: server.url }
  const [here, there] = [await open(t, shared), await open(t, shared)]
  const told = new Promise((done) => there.sessions.on('ended', done))
  const laptop = await signIn(here, 'ann')
  t.match(await ask(there, '/me', laptop), { statusCode: 200 })
  const phone = await signIn(here, 'ann')
  t.match((await ask(there, '/me', laptop)).json(), { code: 'session_replaced' })
  t.match(await ask(there, '/me', phone), { statusCode: 200 })
  t.match(await told, { userId: 'ann', sessionId: laptop.body.session.id, code: 'session_replaced' })
})

t.test(
  'also where the client that is given waits for a command, or takes numbers as texts',
  async (t) => {
    const server = await startRedis()
    const clients: Redis[] = []
    t.teardown(async () => {
      for (const client of clients) client.disconnect()
      await server.stop()
    })
    const database = optionsFor(t)
    for (const own of [{ lazyConnect: true }, { stringNumbers: true }]) {
      const instance = async () => {
        const redis = new Redis(server.url, own)
        clients.push(redis)
        return open(t, { ...database, redis })
      }
      const [here, there] = [await instance(), await instance()]
      await until(async () => (await server.client.pubsub('NUMSUB', 'oneseat:notices'))[1] === 2)
      const told = new Promise((done) => there.sessions.on('ended', done))
      const user = Object.keys(own).join()
      const laptop = await signIn(here, user)
      t.match(await signIn(here, user), { body: { replaced: [{ id: laptop.body.session.id }] } })
      t.match(await told, { sessionId: laptop.body.session.id })
      await Promise.all([here.close(), there.close()])
    }
  },
)

t.test('also of somebody whose id has spaces, and whatever else is said there', async (t) => {
  const server = await startRedis()
  const redis = new Redis(server.url)
  t.teardown(async () => {
    redis.disconnect()
    await server.stop()
  })
  const shared = { ...optionsFor(t), redis: server.url }
  const here = await open(t, { ...shared, sessionLimit: 2 })
  const there = await open(t, shared)
  const told = new Promise((done) => here.sessions.on('ended', done))
  await redis.publish('oneseat:notices', 'somebody else [not ours')
  const [laptop] = [await signIn(here, 'Ann Smith'), await signIn(here, 'Ann Smith')]
  t.match((await ask(there, '/me', laptop)).json(), { code: 'session_replaced' })
  t.match(await told, { userId: 'Ann Smith', code: 'session_replaced' })
})

t.test('without the Redis that others have, the log says what that means', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const shared = optionsFor(t)
  await signIn(await open(t, { ...shared, redis: server.url }), 'ann')
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'warn', stream: { write: (line) => lines.push(line) } } })
  t.teardown(() => app.close())
  await app.register(oneseat, shared)
  t.match(lines, [
    /"left_redis".*option redis is unset, but the sessions of this database were in Redis/,
  ])
})

t.test('while the store is away: 503, and nobody is signed out', async (t) => {
  const server = await startRedis()
  t.teardown(() => server.stop())
  const app = await open(t, { redis: server.url })
  const ann = await signIn(app, 'ann')
  server.pause()
  t.match((await ask(app, '/me', ann)).json(), { status: 503, code: 'store_unavailable' })
  const login = await app.inject({ method: 'POST', url: '/login', payload: { id: 'ann' } })
  t.match(login.json(), { code: 'store_unavailable', statusCode: 503 })
  t.match(await app.inject('/open'), { statusCode: 200 })
  server.resume()
  while ((await ask(app, '/me', ann)).statusCode === 503);
  t.match(await ask(app, '/me', ann), { statusCode: 200 })
})

type SignedIn = {
  cookie: string
  setCookie: string
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  body: any
}

function optionsFor(t: Test): OneseatOptions {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-plugin-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return { secrets: [SECRET], database: `file:${join(dir, 'seats.db')}` }
}

async function open(
  t: Test,
  options: Partial<OneseatOptions> = {},
  fastify: { trustProxy?: boolean } = {},
): Promise<FastifyInstance> {
  const app = Fastify(fastify)
  t.teardown(() => app.close())
  await app.register(oneseat, { ...optionsFor(t), ...options })
  addRoutes(app)
  await app.ready()
  return app
}

type Wish = {
  id: string
  roles?: string[]
  data?: Record<string, unknown>
  device?: string
  replace?: string
}

function addRoutes(app: FastifyInstance): void {
  app.post<{ Body: Wish }>('/login', (request, reply) => {
    const { device, replace, ...user } = request.body
    return reply.signIn(user, { ...(device && { device }), ...(replace && { replace }) })
  })
  app.post('/logout', (_request, reply) => reply.signOut())
  app.get('/me', { preHandler: app.requireSession }, async (request) => request.principal)
  app.get('/admin', { preHandler: app.requireRole('admin', 'owner') }, async () => 'yes')
  app.get('/open', async (request) => JSON.stringify(request.principal))
}

async function signIn(
  app: FastifyInstance,
  id: string,
  more: Partial<Wish> = {},
  headers: Record<string, string> = {},
  prefix = '',
): Promise<SignedIn> {
  const payload = { id, ...more }
  const answer = await app.inject({ method: 'POST', url: `${prefix}/login`, headers, payload })
  const setCookie = [answer.headers['set-cookie']].flat().join()
  return {
    cookie: setCookie.split(';')[0] ?? '',
    setCookie,
    status: answer.statusCode,
    body: answer.json(),
  }
}

function ask(
  app: FastifyInstance,
  url: string,
  { cookie }: { cookie: string },
): Promise<LightMyRequestResponse> {
  return app.inject({ url, headers: cookie === '' ? {} : { cookie } })
}
