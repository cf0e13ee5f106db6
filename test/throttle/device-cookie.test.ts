import t from 'tap'
import { type CookieOptions, sessionCookie } from '../../src/fastify/cookie.ts'
import { type Credential, deviceCookie, PLACES } from '../../src/throttle/device-cookie.ts'
import { LIMITS } from '../../src/throttle/limits.ts'
import { type Answer, PASSWORD } from '../support/browser.ts'
import { startService } from '../support/service.ts'

const service = await startService(t, 'sqlite', { env: { TRUST_PROXY: '127.0.0.1' } })
await service.register('ann')
await service.register('bob')
const NAME = 'oneseat-device'
const lineOf = (answer: Answer) => answer.deviceCookies.filter((line) => line.startsWith(`${NAME}=`))

t.test('a login gives the device its cookie, once, beside the session cookie', async (t) => {
  const laptop = service.browser()
  const first = await laptop.login('ann')
  t.equal(first.setCookies.length, 1)
  t.match(first.headers.getSetCookie()[0], /^oneseat=/, 'the session comes first')
  t.match(lineOf(first), [
    /^oneseat-device=2\.\d\.[a-z\d]+\.[\w-]{43}\.[\w-]{43}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Lax$/,
  ])
  const value = laptop.jar.get(NAME)
  const again = await laptop.login('ann')
  t.strictSame(lineOf(again), [], 'it has one')
  await laptop.post('/logout')
  t.equal(laptop.jar.get(NAME), value, 'it survives logout')
})

t.test('a failed login gives none', async (t) => {
  t.strictSame((await service.browser().login('ann', { password: 'not it' })).headers.getSetCookie(), [])
})

t.test('it opens nothing', async (t) => {
  const laptop = service.browser()
  await laptop.login('ann')
  const device = laptop.jar.get(NAME) ?? ''
  for (const cookie of [`${NAME}=${device}`, `oneseat=${device}`])
    t.equal((await service.browser({ cookie }).get('/me')).status, 401)
})

t.test('it says nothing about its user', async (t) => {
  const laptop = service.browser()
  await laptop.login('ann')
  const [, , , credential = '', mac = ''] = (laptop.jar.get(NAME) ?? '').split('.')
  const account = await service.parts.accounts.findByUsername('ann')
  for (const part of [credential, mac])
    for (const secret of ['ann', account?.id ?? '?', account?.handle ?? '?'])
      t.notMatch(Buffer.from(part, 'base64url').toString('latin1') + part, secret)
})

t.test('device cookies from before a change of password free nobody', async (t) => {
  await service.register('joe')
  const [thief, laptop] = [0, 1].map(() => service.browser({ 'x-forwarded-for': '192.0.2.50' }))
  const stolen = []
  for (let i = 0; i < 12; i++) {
    const device = service.browser({ 'x-forwarded-for': '192.0.2.51' })
    await device.login('joe')
    stolen.push(device.jar.get('oneseat-device') ?? '')
  }
  await laptop?.login('joe')
  const change = { currentPassword: PASSWORD, newPassword: 'another test, no secrets' }
  const changed = await laptop?.request('PUT', '/me/password', change)
  t.equal(changed?.status, 204)
  t.match(changed?.headers.getSetCookie(), [/^oneseat=/, /^oneseat-device=2\./])

  const codes: number[] = []
  for (const cookie of stolen) {
    thief?.jar.set('oneseat-device', cookie)
    for (let i = 0; i < 10; i++) codes.push((await thief?.login('joe'))?.status ?? 0)
  }
  t.strictSame(codes, [...Array(5).fill(401), ...Array(115).fill(429)])
  await laptop?.post('/logout')
  const again = await laptop?.login('joe', { password: change.newPassword })
  t.equal(again?.status, 200, 'the device that changed it is known')
})

t.test(
  'however many devices of an account are known, they share a bounded number of attempts',
  async (t) => {
    await service.register('lea')
    const codes: number[] = []
    const devices = []
    for (let i = 0; i < 12; i++) {
      const device = service.browser({ 'x-forwarded-for': `192.0.2.${60 + i}` })
      await device.login('lea')
      devices.push(device)
    }
    for (const device of devices)
      for (let i = 0; i < 10; i++) codes.push((await device.login('lea', { password: 'not it' })).status)
    t.equal(codes.filter((status) => status === 401).length, PLACES * LIMITS.device.free)
  },
)

const SECRETS = ['the first secret of this test, long', 'the second secret of this test, long']
const COOKIE: CookieOptions = {
  ...{ secrets: SECRETS, name: 'oneseat', secure: 'auto', sameSite: 'strict', domain: null },
}
const START = Date.UTC(2026, 0, 1)
const DAY = 86_400_000
const ANN: Credential = { id: 'id of ann', username: 'ann', credentialNumber: 3 }

/** A device cookie of these secrets at this time, with what it gives to a device and what it says of one. */
function at(now: number, secrets = SECRETS) {
  const cookie = deviceCookie(secrets, sessionCookie({ ...COOKIE, secrets }), () => now)
  const requestWith = (value: string | null) =>
    ({ cookies: { [NAME]: value ?? undefined }, protocol: 'http' }) as never
  return {
    recognise: (value: string | null, username: string, account: Credential | null = ANN) =>
      cookie.recognise(requestWith(value), username, async () => account),
    async remember(value: string | null, account = ANN, loginNumber = 7): Promise<string | null> {
      let given: string | null = null
      const request = requestWith(value)
      cookie.remember(request, account, loginNumber)
      await cookie.send(request, { setCookie: (_: string, next: string) => (given = next) } as never)
      return given
    },
  }
}

t.test('it is proof for the one account, unchanged, and as long as browsers keep it', async (t) => {
  const value = await at(START).remember(null)
  t.equal(await at(START + DAY).recognise(value, 'ann'), '7')
  t.equal(await at(START).recognise(value, 'bob'), null)
  t.equal(await at(START).recognise(value, 'ann', null), null, 'the account is gone')
  t.equal(
    await at(START).recognise(value, 'ann', { ...ANN, id: 'another' }),
    null,
    'its name is another’s',
  )
  t.equal(await at(START + 401 * DAY).recognise(value, 'ann'), null)
  t.equal(await at(START, ['another secret, also quite a long one']).recognise(value, 'ann'), null)
  for (const changed of [
    null,
    '',
    'x',
    `${value}x`,
    value?.slice(1) ?? '',
    value?.replace('2.7.', '2.8.') ?? '',
    value?.replace('2.', '1.') ?? '',
    value?.toUpperCase() ?? '',
    value?.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) ^ 1)) ?? '',
  ])
    t.equal(await at(START).recognise(changed, 'ann'), null, `${changed}`)
})

t.test('another password ends it, and the device that sets it gets a fresh one', async (t) => {
  const value = await at(START).remember(null)
  const changed = { ...ANN, credentialNumber: 9 }
  t.equal(await at(START).recognise(value, 'ann', changed), null)
  const fresh = await at(START).remember(value, changed, 9)
  t.equal(await at(START).recognise(fresh, 'ann', changed), '9')
  t.equal(await at(START).recognise(fresh, 'ann'), null)
})

t.test('the account is read only for a cookie that was made for this name', async (t) => {
  const value = await at(START).remember(null)
  const cookie = deviceCookie(SECRETS, sessionCookie(COOKIE), () => START)
  const never = async () => t.fail('was read') as never
  for (const [given, username] of [
    [undefined, 'ann'],
    ['x', 'ann'],
    [value, 'bob'],
    [`${value?.slice(0, -43)}${'A'.repeat(43)}`, 'ann'],
  ])
    t.equal(await cookie.recognise({ cookies: { [NAME]: given } } as never, username ?? '', never), null)
})

t.test('it is renewed in time, keeps its place, and outlives a change of secrets', async (t) => {
  const value = await at(START).remember(null)
  t.equal(await at(START + 29 * DAY).remember(value, ANN, 8), null)
  const renewed = await at(START + 31 * DAY).remember(value, ANN, 8)
  t.not(renewed, value)
  t.equal(await at(START + 32 * DAY).recognise(renewed, 'ann'), '7')
  const changed = ['a new secret in front, long enough', ...SECRETS]
  t.equal(await at(START, changed).recognise(value, 'ann'), '7')
  t.not(await at(START + 31 * DAY, changed).remember(value), null)
})

t.test('there are so many places for the devices of an account, and no more', async (t) => {
  const places = new Set<string | null>()
  for (let loginNumber = 1; loginNumber <= 36; loginNumber++) {
    const value = await at(START).remember(null, ANN, loginNumber)
    places.add(await at(START).recognise(value, 'ann'))
  }
  t.equal(places.size, PLACES)
})

t.test('over HTTPS it has the prefix of a cookie that no neighbour can set', async (t) => {
  const secure = await startService(t, 'sqlite', {
    env: { COOKIE_SECURE: 'true', TRUST_PROXY: '127.0.0.1' },
  })
  await secure.register('ann')
  const { deviceCookies } = await secure.browser({ 'x-forwarded-proto': 'https' }).login('ann')
  t.match(
    deviceCookies.find((line) => line.includes('device')),
    /^__Host-oneseat-device=[^;]+; Max-Age=34560000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
})
