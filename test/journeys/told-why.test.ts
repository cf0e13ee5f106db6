import { Signer } from '@fastify/cookie'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { hashSecret } from '../../src/sessions/token.ts'
import { type Browser, PASSWORD } from '../support/browser.ts'
import { makeUser } from '../support/people.ts'
import { cookieOf, handleOf, storedLines } from '../support/record-of.ts'
import { BOTH_ENDS, type EngineName, type Service, startService } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'

// A device that is out is told why, days later as well; a cookie that we never issued learns nothing.

/** Ends the session of `browser`, in every way there is. */
const ENDINGS: Record<string, (browser: Browser, service: Service) => Promise<unknown>> = {
  session_replaced: async (_browser, service) => {
    await service.browser().login('ann')
    await service.browser().login('ann') // the limit is two here
  },
  logged_out: (browser) => browser.copy().post('/logout'),
  session_idle: async (_browser, service) => service.advance(31 * MINUTE),
  session_expired: async (browser, service) => {
    for (let minute = 0; minute < 60; minute += 20) {
      service.advance(20 * MINUTE)
      await browser.get('/me')
    }
  },
  session_revoked: async (browser, service) => {
    const { body } = await browser.get('/me')
    const other = service.browser()
    await other.login('ann')
    await other.request('DELETE', `/me/sessions/${body.session.id}`)
  },
  password_changed: async (_browser, service) => {
    const other = service.browser()
    await other.login('ann')
    await other.request('PUT', '/me/password', {
      currentPassword: PASSWORD,
      newPassword: 'another one, not a secret',
    })
  },
  user_disabled: async (browser, service) => {
    const { body } = await browser.get('/me')
    await makeUser(service, 'root', ['admin'])
    const admin = service.browser()
    await admin.login('root')
    await admin.request('PATCH', `/admin/users/${body.user.id}`, { disabled: true })
  },
}

for (const engine of BOTH_ENDS) {
  for (const [code, end] of Object.entries(ENDINGS)) {
    t.test(
      `P39: an ended session is 401 with its reason, ${code}, and still is days later [${engine}]`,
      async (t) => {
        const { service, browser } = await signIn(t, engine, {
          SESSION_LIMIT: '2',
          ABSOLUTE_TIMEOUT: '1h',
        })
        await end(browser, service)
        t.match(await browser.get('/me'), { status: 401, body: { code, status: 401 } })
        t.match((await browser.get('/me')).headers.get('www-authenticate'), /^Cookie /)
        service.advance(7 * 24 * 60 * MINUTE)
        t.match(await browser.get('/me'), { status: 401, body: { code } }, 'a week later')
      },
    )
  }

  t.test(
    `P39: a disputed session is told so, and no session at all is another answer [${engine}]`,
    async (t) => {
      const { service, browser } = await signIn(t, engine)
      const thief = service.browser()
      await thief.login('ann')
      t.equal((await browser.post('/sessions/dispute')).status, 202)
      t.match(await thief.get('/me'), { status: 401, body: { code: 'session_disputed' } })
      t.match(await service.browser().get('/me'), { status: 401, body: { code: 'unauthenticated' } })
    },
  )

  t.test(`P40: a dead cookie does no harm where no session is needed [${engine}]`, async (t) => {
    const { service, browser } = await signIn(t, engine)
    await service.browser().login('ann')
    const calls = [
      ['GET', '/health/live'],
      ['GET', '/health/ready'],
      ['GET', '/openapi.yaml'],
      ['GET', '/nowhere'],
      ['PUT', '/login'],
      ['POST', '/register', { username: 'ann', password: PASSWORD }],
      ['POST', '/logout'],
    ] as const
    for (const [method, path, body] of calls) {
      const dead = await browser.copy().request(method, path, body)
      const none = await service.browser().request(method, path, body)
      t.strictSame([dead.status, dead.body], [none.status, none.body], `${method} ${path}`)
    }
    t.equal((await browser.login('ann')).status, 200, 'nor in the way of the next login')
  })

  t.test(
    `P41: only a cookie that we issued is told a reason, and only the network of the other device [${engine}]`,
    async (t) => {
      const { service, browser } = await signIn(t, engine)
      const other = service.browser()
      const login = await other.login('ann', { device: 'phone' })
      const told = await browser.get('/me')
      t.strictSame(told.body.replacedBy, {
        device: { name: 'phone', os: null, browser: 'node' },
        ip: '127.0.0.0/24',
        at: login.body.session.createdAt,
      })
      const [, secret = ''] = cookieOf(other).split('.')
      for (const part of [login.body.session.id, secret]) t.notMatch(JSON.stringify(told.body), part)

      const signer = new Signer([...service.engines.secrets])
      const stranger = new Signer('somebody else’s secret, as long as ours has to be')
      const [handle, ours] = cookieOf(browser).split('.') as [string, string]
      const hash = hashSecret(hashSecret('oneseat session ', service.engines.secrets[0] ?? ''), ours)
      const guesses: Record<string, string> = {
        'another secret': `${handle}.${'A'.repeat(43)}`,
        'another user': `${'A'.repeat(16)}.${ours}`,
        'the hash that the store has': `${handle}.${hash}`,
        'a handle alone': handle,
        'another secret, signed': signer.sign(`${handle}.${'A'.repeat(43)}`),
        'another user, signed': signer.sign(`${'A'.repeat(16)}.${ours}`),
        'a handle alone, signed': signer.sign(handle),
        'no token at all, signed': signer.sign('ann'),
        'ours, signed by somebody else': stranger.sign(cookieOf(browser)),
      }
      t.match((await storedLines(service, handle)).join('\n'), hash.slice(0, 22), 'which it has')
      for (const [what, guess] of Object.entries(guesses)) {
        const guessing = service.browser()
        guessing.jar.set('oneseat', guess)
        const { status, body } = await guessing.get('/me')
        t.strictSame([status, body], [401, (await service.browser().get('/me')).body], what)
      }
      t.equal(handleOf(browser), handle)
    },
  )
}

t.test(
  'P20: nobody has to hear of a kick for it to hold: without Pub/Sub the reason is still told',
  async (t) => {
    const stores = await sharedStores(t, 'redis')
    const [one, two] = [
      await startService(t, 'sqlite', { env: stores }),
      await startService(t, 'sqlite', { env: stores }),
    ]
    const client = new Redis(stores['REDIS_URL'] as string)
    await client.call('ACL', 'SETUSER', 'default', 'resetchannels', '-@pubsub')
    client.disconnect()
    await one.register('ann')
    const older = one.browser()
    await older.login('ann')
    const newer = two.browser()
    t.equal((await newer.login('ann', { device: 'phone' })).status, 200)
    t.match(await older.get('/me'), {
      status: 401,
      body: { code: 'session_replaced', replacedBy: { device: { name: 'phone' } } },
    })
  },
)

const MINUTE = 60_000

async function signIn(t: Test, engine: EngineName, env: Record<string, string> = {}) {
  const service = await startService(t, engine, { env })
  await service.register('ann')
  const browser = service.browser()
  await browser.login('ann')
  return { service, browser }
}
