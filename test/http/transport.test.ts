import t from 'tap'
import { type Answer, PASSWORD } from '../support/browser.ts'
import { startService } from '../support/service.ts'

const HTTPS = { 'x-forwarded-proto': 'https' }

t.test(
  'A 4.1.2: with COOKIE_SECURE=true nothing that sets a cookie is done over plain HTTP',
  async (t) => {
    const service = await startService(t, 'sqlite', {
      env: { COOKIE_SECURE: 'true', TRUST_PROXY: '127.0.0.1' },
    })
    await service.register('ann')
    const ann = service.browser(HTTPS)
    await ann.login('ann')
    const before = await service.parts.accounts.findByUsername('ann')

    const plain = service.browser()
    for (const [name, value] of ann.jar) plain.jar.set(name, value)
    const change = { currentPassword: PASSWORD, newPassword: 'another test, no secrets' }
    for (const answer of [
      await plain.login('ann'),
      await plain.login('ann', { password: 'not it' }),
      await plain.post('/logout'),
      await plain.request('PUT', '/me/password', change),
    ]) {
      t.match(answer, { status: 426, body: { code: 'https_required' }, setCookies: [] })
      t.match(answer.headers.get('upgrade'), /TLS/)
      t.equal(answer.headers.get('location'), null)
    }
    t.strictSame(await service.parts.accounts.findByUsername('ann'), before, 'nothing was touched')
    t.equal((await ann.get('/me')).status, 200)
    t.equal((await plain.get('/me')).status, 200, 'reading is left to inner networks')
  },
)

t.test('A 3.3.1 to 3.3.5: every cookie that is set or cleared is one that browsers take', async (t) => {
  const service = await startService(t, 'sqlite', {
    env: { COOKIE_SECURE: 'true', TRUST_PROXY: '127.0.0.1' },
  })
  await service.register('ann')
  const ann = service.browser(HTTPS)
  const answers: Answer[] = [
    await ann.login('ann'),
    await ann.login('ann'),
    await ann.request('PUT', '/me/password', {
      currentPassword: PASSWORD,
      newPassword: 'another test, no secrets',
    }),
    await ann.post('/logout'),
    await ann.post('/logout'),
  ]
  const lines = answers.flatMap(({ headers }) => headers.getSetCookie())
  t.ok(lines.length >= 6)
  for (const line of lines) {
    t.match(line, /^__Host-oneseat(-device)?=[^;]*; /)
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'])
      t.ok(line.split('; ').includes(attribute), `${attribute} in ${line}`)
    t.notMatch(line, /Domain=/i)
    t.ok(line.length < 4096)
  }
  t.match(answers.at(-1)?.setCookies, [/Max-Age=0|Expires=Thu, 01 Jan 1970/])
})

t.test('with COOKIE_SECURE=auto the cookie is Secure when the request is', async (t) => {
  const service = await startService(t, 'sqlite', { env: { TRUST_PROXY: '127.0.0.1' } })
  await service.register('ann')
  const isSecure = ({ headers }: Answer) =>
    headers.getSetCookie().map((line) => line.includes('; Secure'))
  t.strictSame(isSecure(await service.browser(HTTPS).login('ann')), [true, true])
  t.strictSame(isSecure(await service.browser().login('ann')), [false, false])
})

t.test('A 4.1.3, V-8: what a stranger says of its address and transport is not believed', async (t) => {
  for (const TRUST_PROXY of ['', '192.0.2.0/24']) {
    const service = await startService(t, 'sqlite', { env: { TRUST_PROXY } })
    await service.register('ann')
    const liar = service.browser({
      ...HTTPS,
      'x-forwarded-for': '203.0.113.5',
      'x-forwarded-host': 'evil.example',
      'x-real-ip': '203.0.113.5',
      forwarded: 'for=203.0.113.5;proto=https',
    })
    const answer = await liar.login('ann')
    t.equal(answer.body.session.ip, '127.0.0.1')
    t.notMatch(answer.setCookies.join(), /Secure/)
    t.equal(answer.headers.get('strict-transport-security'), null)
  }
})

t.test('A 4.1.3: of what a trusted proxy says, only the last untrusted address counts', async (t) => {
  const service = await startService(t, 'sqlite', { env: { TRUST_PROXY: '127.0.0.1, 10.0.0.0/8' } })
  await service.register('ann')
  const via = service.browser({ 'x-forwarded-for': '198.51.100.1, 203.0.113.5, 10.1.2.3' })
  t.equal((await via.login('ann')).body.session.ip, '203.0.113.5')
})
