import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { makeUser, standing } from '../support/people.ts'
import { BOTH_ENDS, type Service, startService } from '../support/service.ts'

/** A native app: no cookie jar, and a token. */
async function app(service: Service, username: string, more: Record<string, unknown> = {}) {
  const answer = await service.browser().login(username, { transport: 'token', ...more })
  const { token } = answer.body
  return { ...answer, token, browser: service.browser({ authorization: `Bearer ${token}` }) }
}

for (const engine of BOTH_ENDS) {
  t.test(`a token is a session like any other [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await makeUser(service, 'ann', ['editor'])

    t.test('it comes in the body, and no cookie with it', async (t) => {
      const phone = await app(service, 'ann', { device: 'phone' })
      t.equal(phone.status, 200)
      t.match(phone.token, /^[\w-]{16}\.[\w-]{43}$/)
      t.match(phone.body.deviceToken, /^2\.\d\./)
      t.strictSame(phone.headers.getSetCookie(), [])
      t.match((await phone.browser.get('/me')).body, { user: { username: 'ann' } })
      t.equal((await phone.browser.get('/verify?role=editor')).status, 204)
      t.equal((await phone.browser.get('/me/sessions')).body.sessions.length, 1)
    })

    t.test('browser and app replace each other, and each is told', async (t) => {
      const phone = await app(service, 'ann', { device: 'phone' })
      const laptop = service.browser()
      const { body } = await laptop.login('ann', { device: 'laptop' })
      t.match(body.replaced, [{ device: { name: 'phone' } }])
      t.match(await phone.browser.get('/me'), {
        status: 401,
        body: { code: 'session_replaced', replacedBy: { device: { name: 'laptop' } } },
      })
      const again = await app(service, 'ann', { device: 'phone' })
      t.match(again.body.replaced, [{ device: { name: 'laptop' } }])
      t.match(await laptop.get('/me'), {
        status: 401,
        body: { code: 'session_replaced', replacedBy: { device: { name: 'phone' } } },
      })
      t.equal((await laptop.post('/sessions/dispute')).status, 202)
      t.equal(await standing(again), 'session_disputed')
    })

    t.test('the same app that signs in again replaces itself', async (t) => {
      const phone = await app(service, 'ann')
      const { body, status } = await phone.browser.login('ann', { transport: 'token' })
      t.strictSame({ status, replaced: body.replaced }, { status: 200, replaced: [] })
    })

    t.test('it ends by logout, and by the session list, without a word of cookies', async (t) => {
      const phone = await app(service, 'ann')
      const out = await phone.browser.post('/logout')
      t.strictSame([out.status, out.headers.getSetCookie()], [204, []])
      t.equal(await standing(phone), 'logged_out')
      const next = await app(service, 'ann')
      const ended = await next.browser.request('DELETE', `/me/sessions/${next.body.session.id}`)
      t.strictSame([ended.status, ended.headers.getSetCookie()], [204, []])
    })

    t.test('another password gives it another token', async (t) => {
      await makeUser(service, 'bob')
      const phone = await app(service, 'bob')
      const passwords = { currentPassword: PASSWORD, newPassword: `${PASSWORD} any more` }
      const { status, body, headers } = await phone.browser.request('PUT', '/me/password', passwords)
      t.strictSame([status, headers.getSetCookie()], [200, []])
      t.equal(await standing(phone), 'password_changed')
      const renewed = service.browser({ authorization: `bearer ${body.token}` })
      t.equal((await renewed.get('/me')).status, 200)
      t.match(body.deviceToken, /^2\.\d\./)
    })
  })
}

t.test('the stream of events tells an app that it is out', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  const phone = await app(service, 'ann')
  const stream = await fetch(`${service.url}/me/events`, {
    headers: { authorization: `Bearer ${phone.token}` },
  })
  t.equal(stream.status, 200)
  await service.browser().login('ann')
  t.match(await stream.text(), /session\.ended.*session_replaced/s)
})

t.test('no page gets a token, or uses one', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  const phone = await app(service, 'ann')
  for (const headers of [
    { 'sec-fetch-site': 'same-origin' },
    { origin: service.url },
    { origin: service.url, 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'empty' },
  ] as Record<string, string>[]) {
    const page = service.browser(headers)
    const asked = await page.login('ann', { transport: 'token' })
    t.match(asked, { status: 403, body: { code: 'token_in_browser' } })
    const used = await page.request('GET', '/me', undefined, { authorization: `Bearer ${phone.token}` })
    t.match(used, { status: 403, body: { code: 'token_in_browser' } })
  }
  t.equal(await standing(phone), '200')
  const node = service.browser({ 'sec-fetch-mode': 'cors' }) // as `fetch` of Node.js says
  t.equal((await node.login('ann', { transport: 'token' })).status, 200)
})

t.test('two ways to say who asks are one too many', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  const phone = await app(service, 'ann')
  await makeUser(service, 'bob')
  const browser = service.browser()
  await browser.login('bob')
  for (const bearer of [phone.token, 'osk_x', 'anything', 'a b', `${phone.token}, Bearer x`])
    for (const [method, path] of [
      ['GET', '/me'],
      ['POST', '/logout'],
      ['GET', '/admin/users'],
    ] as const)
      t.match(
        await browser.request(method, path, undefined, { authorization: `Bearer ${bearer}` }),
        { status: 400, body: { code: 'ambiguous_credentials' } },
        `${method} ${path} ${bearer}`,
      )
  t.equal((await browser.get('/me')).status, 200)
  t.equal(await standing(phone), '200')
  const basic = await browser.request('GET', '/me', undefined, { authorization: 'Basic eDp5' })
  t.equal(basic.status, 200, 'what is for another program is not ours')
})

t.test('what is no token of ours proves nothing', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  for (const value of ['x', `${'A'.repeat(16)}.${'B'.repeat(43)}`, 'a.b.c', 'é', 'x'.repeat(5_000)])
    t.match(await service.browser({ authorization: `Bearer ${value}` }).get('/me'), {
      status: 401,
      body: { code: 'unauthenticated' },
    })
  t.equal((await service.browser({ authorization: 'Bearer' }).get('/me')).status, 401)
  const { token } = await app(service, 'ann')
  for (const authorization of [`Token ${token}`, token, `Bearer oneseat=${token}`, `Bearer ${token} x`])
    t.match(await service.browser({ authorization }).get('/me'), {
      status: 401,
      body: { code: 'unauthenticated' },
    })
  for (const authorization of [`bearer ${token}`, `BEARER   ${token}  `])
    t.equal(
      (await service.browser({ authorization }).get('/me')).status,
      200,
      'RFC 6750 §2.1, RFC 9110 §11.1',
    )
  t.match(await service.browser().get(`/me?access_token=${token}`), { status: 401 }, 'RFC 6750 §5.3')
})

t.test('an app that has signed in before counts as known where guessing is slowed down', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  const { deviceToken } = (await app(service, 'ann')).body
  for (let i = 0; i < 8; i++) await service.browser().login('ann', { password: `wrong ${i}` })
  t.equal((await app(service, 'ann')).status, 429)
  const known = await app(service, 'ann', { deviceToken })
  t.match(known, { status: 200, body: { deviceToken } })
})
