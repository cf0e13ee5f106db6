import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { App } from '../../src/http/types.ts'
import { newServiceKey } from '../../src/keys/service-key.ts'
import { backend } from '../support/keys.ts'
import { join, makeUser, standing } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

for (const engine of BOTH_ENDS) {
  t.test(`a key opens what it is for, and nothing else [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const ann = await join(service, 'ann')
    const admin = await backend(service, 'ops', 'admin')
    const signIn = await backend(service, 'shop', 'sign-in')

    t.test('all that administrators do, without a seat', async (t) => {
      t.match((await admin.get('/admin/users')).body, { users: [{ username: 'ann' }] })
      t.match((await admin.get('/admin/sessions')).body, { sessions: [{ current: false }] })
      const made = await admin.post('/admin/users', {
        username: 'bob',
        password: 'a password for bob that is long',
      })
      t.equal(made.status, 201)
      const { id } = made.body.user
      const changed = await admin.request('PATCH', `/admin/users/${id}`, { roles: ['editor'] })
      t.match(changed.body, { user: { roles: ['editor'] } })
      t.equal((await admin.request('DELETE', `/admin/users/${ann.user.id}/sessions`)).status, 204)
      t.equal(await standing(ann), 'session_revoked')
      const { events } = (await admin.get(`/admin/users/${ann.user.id}/timeline`)).body
      t.match(events[0], { type: 'session_revoked', by: { user: 'key ops' } })
    })

    t.test('a key of another scope is refused', async (t) => {
      for (const [who, method, path, body] of [
        [signIn, 'GET', '/admin/users', undefined],
        [admin, 'POST', '/sessions', { user: { id: ann.user.id } }],
      ] as const)
        t.match(await who.request(method, path, body), { status: 403, body: { code: 'forbidden' } })
    })

    t.test('it is no session, in a cookie or as a token', async (t) => {
      t.match(await admin.get('/me'), { status: 401, body: { code: 'unauthenticated' } })
      const browser = service.browser()
      browser.jar.set('oneseat', admin.key)
      for (const path of ['/me', '/admin/users'])
        t.match(await browser.get(path), { status: 401, body: { code: 'unauthenticated' } })
      for (const headers of [{ 'x-api-key': admin.key }, { authorization: `Basic ${admin.key}` }])
        t.match(await service.browser(headers).get('/admin/users'), { status: 401 })
      const inAddress = await service.browser().get(`/admin/users?access_token=${admin.key}`)
      t.match(inAddress, { status: 400, body: { code: 'invalid_request' } }, 'an address is logged')
    })
  })
}

t.test('what is no key of ours is told so, and counted', async (t) => {
  const told: unknown[] = []
  const prepare = (app: App) => {
    app.log.info = (line: unknown) => void told.push(line)
  }
  const service = await startService(t, 'sqlite', { prepare })
  const admin = await backend(service, 'ops', 'admin')
  const wrong = ['osk_', 'osk_x', `${admin.key}x`, newServiceKey(randomBytes)]
  for (const key of wrong) {
    const answer = await service.browser({ authorization: `Bearer ${key}` }).get('/admin/users')
    t.match(answer, { status: 401, body: { code: 'invalid_key' } }, key)
    t.equal(answer.headers.get('www-authenticate'), 'Bearer realm="oneseat"')
  }
  const guesser = service.browser({ authorization: `Bearer ${newServiceKey(randomBytes)}` })
  const codes = new Set<string>()
  for (let i = 0; i < 30; i++) codes.add((await guesser.get('/admin/users')).body.code)
  t.strictSame([...codes], ['invalid_key', 'too_many_attempts'])
  const lines = told.filter((line) => (line as { event?: string }).event === 'invalid_key')
  t.equal(lines.length, 30, 'the log does not grow with every guess')
  t.equal((await admin.get('/admin/users')).status, 200, 'a right key is not in the way of guesses')
})

t.test('a key beside a cookie, or in a page, is refused before anything is done', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  const browser = service.browser()
  await browser.login('ann')
  for (const [scope, method, path] of [
    ['admin', 'GET', '/admin/users'],
    ['sign-in', 'POST', '/sessions'],
  ] as const) {
    const { key } = await backend(service, scope, scope)
    const body = method === 'POST' ? { user: { id: 'x' } } : undefined
    const authorization = `Bearer ${key}`
    t.match(await browser.request(method, path, body, { authorization }), {
      status: 400,
      body: { code: 'ambiguous_credentials' },
    })
    const page = service.browser({ authorization, 'sec-fetch-site': 'same-origin' })
    t.match(await page.request(method, path, body), { status: 403, body: { code: 'token_in_browser' } })
  }
})

t.test('without a key a program is told what it needs', async (t) => {
  const service = await startService(t, 'sqlite')
  const { status, body } = await service.browser().post('/sessions', { user: { id: 'x' } })
  t.match({ status, body }, { status: 401, body: { code: 'unauthenticated', detail: /service key/ } })
})

t.test('for load tests wrong keys are not counted', async (t) => {
  const service = await startService(t, 'sqlite', { env: { THROTTLE: 'off' } })
  const guesser = service.browser({ authorization: 'Bearer osk_x' })
  for (let i = 0; i < 35; i++) t.equal((await guesser.get('/admin/users')).status, 401)
})
