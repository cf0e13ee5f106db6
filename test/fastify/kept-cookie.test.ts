import t from 'tap'
import { join, makeUser, standing } from '../support/people.ts'
import { startService } from '../support/service.ts'

const PAGE = 'http://app.example.test'

t.test('a login whose cookie the browser would drop leaves the seat to who has it', async (t) => {
  const service = await startService(t, 'sqlite', {
    env: { ALLOWED_ORIGINS: `${PAGE},https://app.example.test`, TRUST_PROXY: '127.0.0.1' },
  })
  const ann = await join(service, 'ann')
  const login = (headers: Record<string, string>) => service.browser(headers).login('ann')
  const lost = [
    { origin: PAGE, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
    {
      origin: PAGE,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'iframe',
    },
    { origin: PAGE, host: 'api.other.test' },
    { origin: PAGE, host: '192.0.2.7:3000' },
  ]
  for (const headers of lost) {
    const { status, body, setCookies } = await login(headers)
    t.match({ status, body }, { status: 403, body: { code: 'cross_site_cookie' } })
    t.match(body.detail, `a page of ${PAGE}`)
    t.strictSame(setCookies, [])
  }
  t.match((await login(lost[2] ?? {})).body.detail, 'cookie of api.other.test for')
  t.equal(await standing(ann), '200')
  for (const headers of [
    { origin: PAGE, 'sec-fetch-site': 'same-site' },
    { origin: PAGE, host: 'api.example.test' },
    { origin: PAGE, host: '127.0.0.1:3000' },
    { origin: PAGE, host: '10.0.0.5:3000', 'x-forwarded-for': '203.0.113.5' },
    { origin: PAGE, host: 'oneseat:3000', 'x-forwarded-for': '203.0.113.5' },
    { origin: 'https://app.example.test', host: 'api.other.test' },
    { origin: PAGE, host: 'a]b' },
  ] as Record<string, string>[])
    t.match((await login(headers)).status, /^(200|400)$/, JSON.stringify(headers))
})

t.test('where clients reach the API is what counts, if it is known', async (t) => {
  const env = { ALLOWED_ORIGINS: PAGE, PUBLIC_URL: 'http://api.example.test/auth' }
  const service = await startService(t, 'sqlite', { env })
  await makeUser(service, 'ann')
  const headers = { origin: PAGE, host: 'upstream.internal' }
  t.equal((await service.browser(headers).login('ann')).status, 200)
  const own = { origin: 'http://api.example.test', host: 'upstream.internal' }
  t.equal((await service.browser(own).login('ann')).status, 200, 'its own pages need not be named')
  const asked = await service.browser().get('/me')
  t.equal(asked.headers.get('www-authenticate'), 'Cookie realm="oneseat", form-action="/auth/login"')
  const lost = await service.browser({ origin: PAGE, 'sec-fetch-site': 'cross-site' }).login('ann')
  t.match(lost.body.detail, 'cookie of api.example.test for')
})

t.test('a login by a host that is not of COOKIE_DOMAIN leaves the seat to who has it', async (t) => {
  const env = { ALLOWED_ORIGINS: PAGE, COOKIE_DOMAIN: 'example.test' }
  const service = await startService(t, 'sqlite', { env })
  const ann = await join(service, 'ann')
  const login = (headers: Record<string, string>) => service.browser(headers).login('ann')
  for (const headers of [
    { origin: service.url, 'sec-fetch-site': 'same-origin' }, // as the page /docs by the address of this machine
    { origin: 'http://ample.test', 'sec-fetch-site': 'same-origin' },
    { origin: 'http://anexample.test', 'sec-fetch-site': 'same-origin' },
    { origin: service.url },
  ] as Record<string, string>[]) {
    const { status, body } = await login(headers)
    t.match(
      { status, body },
      { status: 403, body: { code: 'cross_site_cookie' } },
      headers['origin'] ?? '',
    )
    t.match(body.detail, /example\.test/)
  }
  t.equal(await standing(ann), '200')
  for (const headers of [
    { origin: 'http://example.test', 'sec-fetch-site': 'same-origin' },
    { origin: 'https://api.example.test', 'sec-fetch-site': 'same-origin' },
    { origin: PAGE, 'sec-fetch-site': 'same-site' },
    { origin: PAGE, host: 'api.example.test' },
    {},
  ] as Record<string, string>[])
    t.equal((await login(headers)).status, 200, JSON.stringify(headers))
})

t.test('the name and the domain of the cookie are settings', async (t) => {
  const env = { COOKIE_NAME: 'seat', COOKIE_DOMAIN: 'example.test', COOKIE_SAMESITE: 'strict' }
  const plain = await startService(t, 'sqlite', { env })
  await makeUser(plain, 'ann')
  const { headers } = await plain.browser({ host: 'api.example.test' }).login('ann')
  const [line = '', device = ''] = headers.getSetCookie()
  t.match(
    line,
    /^seat=[^;]+; Max-Age=\d+; Domain=example\.test; Path=\/; .*SameSite=Strict$|^seat=[^;]+;.*Domain=example\.test.*SameSite=Strict$/,
  )
  t.match(device, /^seat-device=.*Domain=example\.test/)
  const secure = await startService(t, 'sqlite', {
    env: { ...env, COOKIE_SECURE: 'true', TRUST_PROXY: '127.0.0.1' },
  })
  await makeUser(secure, 'ann')
  const answer = await secure.browser({ 'x-forwarded-proto': 'https' }).login('ann')
  t.match(answer.headers.getSetCookie(), [/^__Secure-seat=/, /^__Secure-seat-device=/])
})
