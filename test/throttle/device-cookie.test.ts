import t from 'tap'
import { sessionCookie } from '../../src/fastify/cookie.ts'
import { deviceCookie } from '../../src/throttle/device-cookie.ts'
import type { Answer } from '../support/browser.ts'
import { startService } from '../support/service.ts'

const service = await startService(t, 'sqlite')
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
    /^oneseat-device=1\.[\w-]{16}\.[a-z\d]+\.[\w-]{43}; Max-Age=34560000; Path=\/; HttpOnly; SameSite=Strict$/,
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
  const [, device = '', , mac = ''] = (laptop.jar.get(NAME) ?? '').split('.')
  const account = await service.parts.accounts.findByUsername('ann')
  for (const part of [device, mac])
    for (const secret of ['ann', account?.id ?? '?', account?.handle ?? '?'])
      t.notMatch(Buffer.from(part, 'base64url').toString('latin1') + part, secret)
})

const SECRETS = ['the first secret of this test, long', 'the second secret of this test, long']
const START = Date.UTC(2026, 0, 1)
const DAY = 86_400_000

/** A device cookie of these secrets at this time, with what it gave to a device and what it says of one. */
function at(now: number, secrets = SECRETS, size = 1) {
  const cookie = deviceCookie(
    secrets,
    sessionCookie({ secrets, name: 'oneseat', secure: 'auto', sameSite: 'strict', domain: null }),
    (n) => Buffer.alloc(n, size),
    () => now,
  )
  const requestWith = (value: string | undefined) =>
    ({ cookies: { [NAME]: value }, protocol: 'http' }) as never
  return {
    read: (value: string | undefined, username: string) => cookie.read(requestWith(value), username),
    remember(value: string | undefined, username: string): string | null {
      let given: string | null = null
      const reply = { setCookie: (_name: string, next: string) => (given = next) } as never
      cookie.remember(requestWith(value), reply, username)
      return given
    },
  }
}

t.test('it is proof for the one user, unchanged, and as long as browsers keep it', async (t) => {
  const value = at(START).remember(undefined, 'ann') ?? ''
  const device = at(START + DAY).read(value, 'ann')
  t.match(device, /^[\w-]{16}$/)
  t.equal(at(START).read(value, 'bob'), null)
  t.equal(at(START + 401 * DAY).read(value, 'ann'), null)
  t.equal(at(START, ['another secret, also quite a long one']).read(value, 'ann'), null)
  for (const changed of [
    undefined,
    '',
    'x',
    `${value}x`,
    value.slice(1),
    value.replace('1.', '2.'),
    value.toUpperCase(),
  ])
    t.equal(at(START).read(changed, 'ann'), null)
})

t.test('it is renewed in time, stays the same device, and outlives a change of secrets', async (t) => {
  const value = at(START).remember(undefined, 'ann') ?? ''
  t.equal(at(START + 29 * DAY).remember(value, 'ann'), null)
  const renewed = at(START + 31 * DAY, SECRETS, 2).remember(value, 'ann') ?? ''
  t.not(renewed, value)
  t.equal(at(START + 32 * DAY).read(renewed, 'ann'), at(START).read(value, 'ann'))
  t.not(at(START, ['a new secret in front, long enough', ...SECRETS]).read(value, 'ann'), null)
})

t.test('over HTTPS it has the prefix of a cookie that no neighbour can set', async (t) => {
  const secure = await startService(t, 'sqlite', {
    env: { COOKIE_SECURE: 'true', TRUST_PROXY: '127.0.0.1' },
  })
  await secure.register('ann')
  const { deviceCookies } = await secure.browser({ 'x-forwarded-proto': 'https' }).login('ann')
  t.match(
    deviceCookies.find((line) => line.includes('device')),
    /^__Host-oneseat-device=[^;]+; Max-Age=34560000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  )
})
