import { randomUUID } from 'node:crypto'
import t from 'tap'
import { queriesFor } from '../../src/database/tables.ts'
import type { Browser } from '../support/browser.ts'
import { backend } from '../support/keys.ts'
import { changeUser, join, makeUser, standing } from '../support/people.ts'
import { BOTH_ENDS, type Service, startService } from '../support/service.ts'

const EXTERNAL = { ACCOUNTS: 'external' }
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

/** A browser that got what a backend passed on. */
function passOn(service: Service, setCookie: string[]): Browser {
  const browser = service.browser()
  for (const line of setCookie) {
    const [pair = ''] = line.split(';')
    browser.jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
  }
  return browser
}

for (const engine of BOTH_ENDS) {
  t.test(`a backend signs its own users in [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: EXTERNAL })
    const shop = await backend(service, 'shop', 'sign-in')

    t.test('on two browsers, and the first is told', async (t) => {
      const user = { id: 'crm:17', name: 'Ann Ö', roles: ['editor'], data: { plan: 'pro' } }
      const about = { device: 'laptop', userAgent: FIREFOX, ip: '203.0.113.7' }
      const first = await shop.post('/sessions', { user, ...about })
      t.equal(first.status, 201)
      t.strictSame(first.headers.getSetCookie(), [], 'the backend itself gets no cookie')
      t.strictSame(Object.keys(first.body), ['user', 'session', 'replaced', 'setCookie'])
      t.strictSame(first.body.user, {
        id: 'crm:17',
        name: 'Ann Ö',
        roles: ['editor'],
        data: { plan: 'pro' },
      })
      t.match(first.body.session, {
        device: { name: 'laptop', os: 'Linux', browser: 'Firefox' },
        ip: '203.0.113.7',
      })
      t.match(first.body.setCookie, [
        /^oneseat=[\w.-]{60}; Max-Age=43200; Path=\/; Expires=.*HttpOnly; SameSite=Lax$/,
      ])
      const laptop = passOn(service, first.body.setCookie)
      t.strictSame((await laptop.get('/me')).body.user, first.body.user)
      const verified = await laptop.get('/verify?role=editor')
      t.equal(verified.status, 204)
      t.equal(verified.headers.get('x-user-name'), 'Ann%20%C3%96')

      const second = await shop.post('/sessions', { user: { id: 'crm:17' }, device: 'phone' })
      t.match(second.body, { replaced: [{ device: { name: 'laptop' }, ip: '203.0.113.0/24' }] })
      t.match(second.body.user, first.body.user, 'what is not given stays')
      t.match(await laptop.get('/me'), {
        status: 401,
        body: { code: 'session_replaced', replacedBy: { device: { name: 'phone' }, ip: 'unknown' } },
      })
      const phone = passOn(service, second.body.setCookie)
      const { events } = (await phone.get('/me/timeline')).body
      t.match(events[0], { type: 'login', by: { user: 'key shop' } })
    })

    t.test('the same browser replaces itself', async (t) => {
      const { body } = await shop.post('/sessions', { user: { id: 'bob' } })
      const cookie = passOn(service, body.setCookie).cookie
      const again = await shop.post('/sessions', { user: { id: 'bob' }, presented: `a=b; ${cookie}` })
      t.strictSame(again.body.replaced, [])
      const app = await shop.post('/sessions', { user: { id: 'cid' }, transport: 'token' })
      const presented = app.body.token
      const appAgain = await shop.post('/sessions', {
        user: { id: 'cid' },
        presented,
        transport: 'token',
      })
      t.strictSame(appAgain.body.replaced, [])
    })

    t.test('a browser may have as many cookies as we would take from it', async (t) => {
      const first = await shop.post('/sessions', { user: { id: 'hal' } })
      const { cookie } = passOn(service, first.body.setCookie)
      const others = `a=${'x'.repeat(15_000)}; `
      const { status, body } = await shop.post('/sessions', {
        user: { id: 'hal' },
        presented: others + cookie,
        ip: '::ffff:203.0.113.7',
      })
      t.strictSame([status, body.replaced, body.session.ip], [201, [], '203.0.113.7'])
      const more = await shop.post('/sessions', { user: { id: 'hal' }, presented: 'x'.repeat(24_000) })
      t.match(more, { status: 413, body: { code: 'body_too_large' } })
    })

    t.test('on a shared browser the one before is signed out', async (t) => {
      const { body } = await shop.post('/sessions', { user: { id: 'dan' } })
      const browser = passOn(service, body.setCookie)
      await shop.post('/sessions', { user: { id: 'eve' }, presented: browser.cookie })
      t.equal(await standing({ browser }), 'logged_out')
    })

    t.test('an app gets a token', async (t) => {
      const { status, body } = await shop.post('/sessions', { user: { id: 'fay' }, transport: 'token' })
      t.strictSame([status, body.setCookie], [201, undefined])
      const phone = service.browser({ authorization: `Bearer ${body.token}` })
      t.match((await phone.get('/me')).body, { user: { id: 'fay', name: null, roles: [], data: null } })
    })

    t.test('roles and data given here hold on the next request of running sessions', async (t) => {
      const three = await startService(t, engine, { env: { ...EXTERNAL, SESSION_LIMIT: '3' } })
      const own = await backend(three, 'own', 'sign-in')
      const first = await own.post('/sessions', {
        user: { id: 'gil', roles: ['editor'], data: { a: 1 } },
      })
      const browser = passOn(three, first.body.setCookie)
      await own.post('/sessions', { user: { id: 'gil', roles: [], data: null } })
      t.match((await browser.get('/me')).body.user, { roles: [], data: null })
      t.equal((await browser.get('/verify?role=editor')).status, 403)
    })

    t.test('there is nothing about passwords', async (t) => {
      for (const [method, path] of [
        ['POST', '/login'],
        ['POST', '/register'],
        ['PUT', '/me/password'],
      ] as const)
        t.match(await service.browser().request(method, path, {}), { status: 404 })
      const { headers } = await service.browser().get('/me')
      t.equal(headers.get('www-authenticate'), 'Cookie realm="oneseat"')
      t.match(await service.parts.online({ limit: 50, after: null }), { users: [{}] })
    })
  })

  t.test(`a request that comes again is one login [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: EXTERNAL })
    const shop = await backend(service, 'shop', 'sign-in')
    const post = (key: string, body: unknown) =>
      shop.request('POST', '/sessions', body, { 'idempotency-key': key })
    const old = await shop.post('/sessions', { user: { id: 'ann' }, device: 'old' })
    const key = randomUUID()
    const body = { user: { id: 'ann' }, device: 'new' }
    const first = await post(key, body)
    t.equal(first.body.replaced.length, 1)
    const again = await post(key, body)
    t.strictSame([again.status, again.body], [201, first.body])
    t.equal(await standing({ browser: passOn(service, old.body.setCookie) }), 'session_replaced')
    const browser = passOn(service, again.body.setCookie)
    t.match((await browser.get('/me')).body.session, { id: first.body.session.id, epoch: 2 })
    t.match(await post(key, { ...body, device: 'other' }), {
      status: 422,
      body: { code: 'idempotency_key_reused' },
    })
    for (const bad of ['a b', 'é', 'x'.repeat(256)])
      t.match(await post(bad, body), { status: 400, body: { code: 'invalid_request' } }, bad)

    await browser.post('/logout')
    const late = await post(key, body)
    t.strictSame(late.body, first.body)
    t.equal(await standing({ browser: passOn(service, late.body.setCookie) }), 'logged_out')

    const same = randomUUID()
    const crowd = await Promise.all(Array.from({ length: 8 }, () => post(same, body)))
    t.equal(new Set(crowd.map((each) => JSON.stringify(each.body))).size, 1)
    t.equal(await standing({ browser: passOn(service, crowd[0]?.body.setCookie) }), '200')
  })
}

t.test('an answer that was lost before it was kept is made again, for the same session', async (t) => {
  const service = await startService(t, 'sqlite', { env: EXTERNAL })
  const shop = await backend(service, 'shop', 'sign-in')
  const { finish } = service.parts.answers
  const body = { user: { id: 'ann' } }
  const post = () => shop.request('POST', '/sessions', body, { 'idempotency-key': 'k' })
  service.parts.answers.finish = async () => Promise.reject(new Error('the process ended here'))
  t.equal((await post()).status, 500)
  service.parts.answers.finish = finish
  const [before] = await service.parts.sessions.list(
    (await service.engines.numbers.numbers.find({ id: 'ann' }))?.handle ?? '',
  )
  const again = await post()
  t.match(again, { status: 201, body: { session: { id: before?.id } } })
  t.strictSame(again.body.replaced, [])
  t.equal(await standing({ browser: passOn(service, again.body.setCookie) }), '200')

  const more = () => shop.request('POST', '/sessions', body, { 'idempotency-key': 'm' })
  service.parts.answers.finish = async () => Promise.reject(new Error('the process ended here'))
  await more()
  service.parts.answers.finish = finish
  await service.parts.sessions.revoke(
    (await service.engines.numbers.numbers.find({ id: 'ann' }))?.handle ?? '',
    null,
    'session_revoked',
  )
  const ended = await more()
  t.match(ended, { status: 201, body: { replaced: [] } })
  t.equal(await standing({ browser: passOn(service, ended.body.setCookie) }), 'session_revoked')
})

t.test('with built-in accounts it signs an existing account in', async (t) => {
  const service = await startService(t, 'sqlite')
  const sso = await backend(service, 'sso', 'sign-in')
  const ann = await join(service, 'ann', ['admin'])
  const { id } = ann.user
  t.match(await sso.post('/sessions', { user: { id: 'nobody' } }), {
    status: 404,
    body: { code: 'not_found' },
  })
  const made = await sso.post('/sessions', { user: { id, data: { plan: 'pro' } } })
  t.match(made, {
    status: 201,
    body: { user: { id, username: 'ann', roles: ['admin'], data: { plan: 'pro' } }, replaced: [{}] },
  })
  t.equal(await standing(ann), 'session_replaced')
  t.match(await sso.post('/sessions', { user: { id, roles: [] } }), {
    status: 409,
    body: { code: 'last_admin' },
  })
  await makeUser(service, 'root', ['admin'])
  const demoted = await sso.post('/sessions', { user: { id, roles: ['editor'] } })
  t.match(demoted.body.user, { username: 'ann', roles: ['editor'], data: { plan: 'pro' } })
  t.match(await service.parts.accounts.findById(id), { roles: ['editor'] })
})

t.test('what is taken up by a policy, or no user may do, is a problem with its code', async (t) => {
  const service = await startService(t, 'sqlite', { env: { ...EXTERNAL, ON_LIMIT: 'ask' } })
  const shop = await backend(service, 'shop', 'sign-in')
  const { body } = await shop.post('/sessions', { user: { id: 'ann' } })
  const full = await shop.post('/sessions', { user: { id: 'ann' } })
  t.match(full, {
    status: 409,
    body: { code: 'session_limit_reached', sessions: [{ id: body.session.id }] },
  })
  const replaced = await shop.post('/sessions', { user: { id: 'ann' }, replace: body.session.id })
  t.equal(replaced.status, 201)
})

t.test('bad input changes nothing', async (t) => {
  const service = await startService(t, 'sqlite', { env: EXTERNAL })
  const shop = await backend(service, 'shop', 'sign-in')
  const user = { id: 'ann' }
  for (const body of [
    {},
    { user: {} },
    { user: { id: '' } },
    { user: { id: 'a\u0000b' } },
    { user: { id: 'a\nb' } },
    { user: { id: 'x'.repeat(129) } },
    { user: { id: '🙂'.repeat(65) } },
    { user: { id: 17 } },
    { user: { id: 'ann', roles: ['Admin'] } },
    { user: { id: 'ann', data: 'text' } },
    { user: { id: 'ann', data: ['a'] } },
    { user: { id: 'ann', data: { a: 'x'.repeat(1_020) } } },
    { user: { id: 'ann', data: { a: 'é'.repeat(600) } } },
    { user: { id: 'ann', username: 'ann' } },
    { user, ip: 'here' },
    { user, ip: '203.0.113.7:80' },
    { user, ip: '1.2.3' },
    { user, transport: 'header' },
    { user, presented: 'oneseat=a; oneseat=b' },
    { user, password: 'x' },
  ])
    t.match(
      await shop.post('/sessions', body),
      { status: 400, body: { code: /^(invalid_request|malformed_json)$/ } },
      JSON.stringify(body).slice(0, 80),
    )
  t.equal(await service.engines.numbers.numbers.find({ id: 'ann' }), null)
  t.equal((await shop.post('/sessions', { user: { id: '🙂'.repeat(64) } })).status, 201)
  t.equal(
    (await shop.post('/sessions', { user: { id: 'a', data: { a: 'x'.repeat(1_000) } } })).status,
    201,
  )
})

t.test('cookies are as browsers reach the service, however the backend does', async (t) => {
  const env = { ...EXTERNAL, COOKIE_SECURE: 'true', PUBLIC_URL: 'https://example.test/auth' }
  const secure = await startService(t, 'sqlite', { env })
  const { body } = await (await backend(secure, 'a', 'sign-in')).post('/sessions', {
    user: { id: 'ann' },
  })
  t.match(body.setCookie, [/^__Host-oneseat=.*; Secure; SameSite=Lax$/])
  const { COOKIE_SECURE: _, ...auto } = env
  const plain = await startService(t, 'sqlite', { env: auto })
  const other = await (await backend(plain, 'a', 'sign-in')).post('/sessions', { user: { id: 'ann' } })
  t.match(other.body.setCookie, [/^oneseat=.*; Secure; SameSite=Lax$/])
})

t.test('the session of another in this browser may stay, if its store fails', async (t) => {
  const service = await startService(t, 'sqlite', { env: EXTERNAL })
  const shop = await backend(service, 'shop', 'sign-in')
  const { body } = await shop.post('/sessions', { user: { id: 'ann' } })
  const browser = passOn(service, body.setCookie)
  let claimed = false
  service.watched.around = async (call, work) => {
    if (claimed && call === 'store.read') throw new Error('away')
    const result = await work()
    claimed ||= call === 'changes.close'
    return result
  }
  const answer = await shop.post('/sessions', { user: { id: 'bob' }, presented: browser.cookie })
  service.watched.around = (_call, work) => work()
  t.equal(answer.status, 201)
  t.equal(await standing({ browser }), '200')
})

t.test('what others change of an account while a backend signs its user in stays', async (t) => {
  const service = await startService(t, 'sqlite')
  const shop = await backend(service, 'shop', 'sign-in')
  const { user } = await join(service, 'ann')
  service.watched.around = async (call, work) => {
    if (call === 'numbers.raise') {
      service.watched.around = (_call, others) => others()
      await changeUser(service, 'ann', { username: 'anna', mustChangePassword: true })
    }
    return work()
  }
  const { body } = await shop.post('/sessions', { user: { id: user.id, data: { plan: 'pro' } } })
  t.match(body.user, { username: 'anna', mustChangePassword: true, data: { plan: 'pro' } })
  const again = await shop.post('/sessions', { user: { id: user.id } })
  t.match(again.body.user, body.user)
})

t.test('roles stay as they were if the rest of the call cannot be meant', async (t) => {
  const service = await startService(t, 'sqlite')
  const shop = await backend(service, 'shop', 'sign-in')
  const ann = await join(service, 'ann')
  const wish = { user: { id: ann.user.id, roles: ['editor'] }, presented: 'oneseat=a; oneseat=b' }
  t.equal((await shop.post('/sessions', wish)).status, 400)
  t.strictSame((await ann.browser.get('/me')).body.user.roles, [])
})

for (const ACCOUNTS of ['built-in', 'external']) {
  t.test(`what was answered about a user goes with them [${ACCOUNTS}]`, async (t) => {
    const service = await startService(t, 'sqlite', { env: { ACCOUNTS } })
    const shop = await backend(service, 'shop', 'sign-in')
    const ops = await backend(service, 'ops', 'admin')
    const id = ACCOUNTS === 'external' ? 'crm:17' : (await join(service, 'ann')).user.id
    const sendIt = () =>
      shop.request('POST', '/sessions', { user: { id } }, { 'idempotency-key': 'one' })
    const count = async () => {
      const { db } = service.engines
      return (await db.run(queriesFor(db).selectFrom('oneseat_answers').select('answer'))).length
    }
    t.equal((await sendIt()).status, 201)
    t.equal(await count(), 1)
    t.equal((await ops.request('DELETE', `/admin/users/${encodeURIComponent(id)}`)).status, 204)
    t.equal(await count(), 0)
    t.ok([401, 404].includes((await sendIt()).status))
  })
}
