import { Signer } from '@fastify/cookie'
import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { exchange } from '../support/raw.ts'
import { startService } from '../support/service.ts'

const SECRET = 'fV2Kq8Zp1Xw7Rt4Ys9Lm3Nb6Hd0Jc5Ga'
const service = await startService(t, 'redis', { env: { SESSION_SECRET: SECRET, THROTTLE: 'off' } })
for (const name of ['ann', 'bob']) await service.register(name)
const keys = async () => (await service.redis?.client.keys('*'))?.sort() ?? []

/** A browser that came with this cookie, and the cookie it has after signing in as ann. */
async function loginWith(planted: string): Promise<{ status: number; value: string }> {
  const victim = new Browser(service.url)
  victim.jar.set('oneseat', planted)
  const { status } = await victim.login('ann')
  return { status, value: victim.jar.get('oneseat') ?? '' }
}

t.test('A 7.2.3: tokens are 256 random bits, and none comes twice', async (t) => {
  const seen = new Set<string>()
  let ones = 0
  for (let i = 0; i < 200; i++) {
    const browser = service.browser()
    await browser.login('ann')
    const [, secret = ''] = decodeURIComponent(browser.jar.get('oneseat') ?? '').split('.')
    const bytes = Buffer.from(secret, 'base64url')
    t.equal(bytes.length, 32)
    for (const byte of bytes) ones += byte.toString(2).replaceAll('0', '').length
    seen.add(secret)
  }
  t.equal(seen.size, 200)
  const share = ones / (200 * 256)
  t.ok(share > 0.48 && share < 0.52, `${share} of the bits are set`)
})

t.test(
  'A 7.2.4, V-2, V-5: a login gives a new token, whatever it came with, and the old one is dead',
  async (t) => {
    const other = service.browser()
    await other.login('bob')
    const bobs = other.jar.get('oneseat') ?? ''
    const own = service.browser()
    await own.login('ann')
    const foreign = `${'h'.repeat(16)}.${'s'.repeat(43)}`
    const selfSigned = encodeURIComponent(
      new Signer(['a secret that somebody else has made up']).sign(foreign),
    )
    const unissued = encodeURIComponent(new Signer([SECRET]).sign(foreign))
    for (const planted of [own.jar.get('oneseat') ?? '', bobs, foreign, selfSigned, unissued, 'x']) {
      const { status, value } = await loginWith(planted)
      t.equal(status, 200)
      t.not(value, planted)
      if (planted === bobs) continue
      t.equal((await new Browser(service.url, { cookie: `oneseat=${planted}` }).get('/me')).status, 401)
    }
    t.notOk(
      (await keys()).some((key) => key.includes('hhhh')),
      'an id that we did not issue is not taken up',
    )
  },
)

t.test('A 7.2.2: only the cookie and the header of an app open anything', async (t) => {
  const ann = service.browser()
  await ann.login('ann')
  const token = decodeURIComponent(ann.jar.get('oneseat') ?? '')
  for (const path of [`/me?oneseat=${token}`, `/me?session=${token}`, `/me/sessions?token=${token}`])
    t.equal((await service.browser().get(path)).status, 401)
  const told = await service.browser().post('/sessions/dispute', { oneseat: token, token })
  t.equal(told.status, 401, 'nor one in a body')
  for (const headers of [
    { authorization: `Token ${token}` },
    { authorization: token },
    { authorization: `Basic ${Buffer.from(`ann:${token}`).toString('base64')}` },
    { 'x-session-id': token },
    { 'set-cookie': `oneseat=${token}` },
  ])
    t.equal((await service.browser(headers).get('/me')).status, 401)
})

t.test('A 7.6.2, V-23: who does not sign in leaves nothing in the store', async (t) => {
  const before = await keys()
  for (let i = 0; i < 50; i++) {
    const stranger = service.browser({ cookie: `oneseat=${'x'.repeat(i)}` })
    for (const answer of [
      await stranger.get('/me'),
      await stranger.get('/health/live'),
      await stranger.post('/logout'),
    ])
      t.notOk(answer.setCookies.some((line) => !/Max-Age=0/.test(line)))
    const failed = await stranger.login(i % 2 === 0 ? 'ann' : `user${i}`, { password: 'not it' })
    t.strictSame([failed.status, ...failed.setCookies], [401])
  }
  t.strictSame(await keys(), before)

  const asked = `GET /me HTTP/1.1\r\nHost: a\r\nCookie: oneseat=x.y.z\r\n\r\n`.repeat(500)
  for (let i = 0; i < 20; i++) {
    const { answers } = await exchange(service.url, asked, { answers: 500 })
    for (const { status } of answers) if (status !== 401) t.fail(`answered ${status}`)
  }
  t.strictSame(await keys(), before, 'nor do ten thousand requests')
})

t.test('CS SM: the cookie says nothing of its user, and its name nothing of the software', async (t) => {
  const ann = service.browser()
  const { body } = await ann.login('ann')
  const [name] = [...ann.jar.keys()].filter((key) => !key.includes('device'))
  t.equal(name, 'oneseat')
  const plain = decodeURIComponent(ann.jar.get('oneseat') ?? '')
  const decoded =
    plain +
    plain
      .split('.')
      .map((part) => Buffer.from(part, 'base64').toString('latin1'))
      .join()
  for (const known of ['ann', body.user.id, body.session.id, String(Date.now()).slice(0, 6)])
    t.notOk(decoded.includes(known), known)
  t.ok(plain.length < 200)
})

t.test('A 3.3.4: the token is in Set-Cookie and nowhere else', async (t) => {
  const ann = service.browser()
  const { body } = await ann.login('ann')
  const [, secret = ''] = decodeURIComponent(ann.jar.get('oneseat') ?? '').split('.')
  for (const answer of [
    await ann.get('/me'),
    await ann.get('/me/sessions'),
    await ann.get('/me/timeline'),
    await ann.get('/verify'),
  ]) {
    t.notOk(JSON.stringify([...answer.headers, answer.body]).includes(secret))
  }
  t.notOk(JSON.stringify(body).includes(secret))
})

t.test('V-3: what one login asks for its cookie is not in the next one’s', async (t) => {
  const secure = await startService(t, 'sqlite', { env: { TRUST_PROXY: '127.0.0.1' } })
  await secure.register('ann')
  const over = (proto: string) => secure.browser({ 'x-forwarded-proto': proto }).login('ann')
  for (const [proto, expected] of [
    ['https', true],
    ['http', false],
    ['https', true],
    ['http', false],
  ] as const)
    t.equal((await over(proto)).setCookies.join().includes('Secure'), expected, proto)
})

t.test('V-9, V-12: no spelling of a path gets around its guard', async (t) => {
  for (const path of ['/%6de', '/me?', '/%61dmin/users', '/verify?role=admin'])
    t.equal((await service.browser().get(path)).status, 401, path)
  for (const path of [
    '//admin/users',
    '/admin/users/',
    '/admin;x/users',
    '/ADMIN/users',
    '/x/../me',
    '/me/..;/me',
  ])
    t.ok([400, 401, 404, 405].includes((await service.browser().get(path)).status), path)
  t.equal((await service.browser().request('HEAD', '/me')).status, 401)
  const ann = service.browser()
  await ann.login('ann')
  for (const path of ['/admin/users', '/%61dmin/users', '/admin/users?', '/admin/%75sers'])
    for (const method of ['GET', 'HEAD'])
      t.equal((await ann.request(method, path)).status, 403, `${method} ${path} without the role`)
  const claims = {
    'x-http-method-override': 'GET',
    'x-original-url': '/admin/users',
    'x-user-roles': 'admin',
  }
  t.equal((await ann.request('GET', '/admin/users', undefined, claims)).status, 403)
})

t.test('V-22: a store that answers nonsense is a 503 without its words', async (t) => {
  const ann = service.browser()
  await ann.login('bob')
  const handle = decodeURIComponent(ann.jar.get('oneseat') ?? '').split('.')[0]
  const key = (await keys()).find((one) => one.endsWith(String(handle))) ?? ''
  const value = (await service.redis?.client.get(key)) ?? ''
  await service.redis?.client.del(key)
  await service.redis?.client.lpush(key, 'x')
  const answer = await ann.get('/me')
  t.ok([401, 503].includes(answer.status), String(answer.status))
  t.notMatch(JSON.stringify(answer.body), /WRONGTYPE|redis/i)
  await service.redis?.client.del(key)
  await service.redis?.client.set(key, value)
  t.equal((await ann.get('/me')).status, 200)
})

t.test('A 13.4.5: a fixed key, a debug route, a default password: there are none', async (t) => {
  for (const path of [
    '/debug',
    '/.env',
    '/.git/config',
    '/server-status',
    '/admin',
    '/swagger.json',
    '/console',
  ])
    t.equal((await service.browser().get(path)).status, 404, path)
  t.equal(
    (await service.browser({ authorization: 'Basic YWRtaW46YWRtaW4=' }).get('/admin/users')).status,
    401,
  )
  t.equal((await service.browser().login('admin', { password: PASSWORD })).status, 401)
})
