import t from 'tap'
import { liveOf, Principal } from '../../src/fastify/principal.ts'
import { declareAccess } from '../../src/http/access.ts'
import type { App } from '../../src/http/types.ts'
import type { Live } from '../../src/sessions/sessions.ts'
import { cookieOf } from '../support/record-of.ts'
import { startService } from '../support/service.ts'

const LIVE: Live = {
  state: 'live',
  session: {
    ...{ id: 'public-id', secretHash: 'a hash that stays inside', epoch: 7 },
    ...{ device: { name: 'laptop', os: null, browser: 'curl' }, ip: '203.0.113.9' },
    ...{ createdAt: 0, lastSeenAt: 1_000, idleExpiresAt: 2_000, expiresAt: 3_000 },
  },
  user: { id: 'u', roles: ['editor'], disabled: false, data: { plan: 'free' } },
  key: { handle: 'a handle', secretHash: 'a hash that stays inside' },
}

t.test('a principal is who asks and with which session, and has no secret and no hash', async (t) => {
  const principal = new Principal(LIVE)
  t.strictSame(principal.user, { id: 'u', roles: ['editor'], data: { plan: 'free' } })
  t.match(principal.session, { id: 'public-id', epoch: 7, ip: '203.0.113.9', current: true })
  t.equal(principal.session, principal.session, 'made once')
  const shown = JSON.stringify(principal)
  t.strictSame(JSON.parse(shown), {
    user: principal.user,
    session: { ...principal.session },
  })
  const visible = [shown, JSON.stringify({ ...principal }), Object.keys(principal).join()]
  for (const text of visible) t.notMatch(text, /stays inside|a handle/)
  t.equal(Principal.liveOf(principal), LIVE, 'which is for code that asks the core')
})

t.test('it is there in a guarded route, and null in an open one', async (t) => {
  let seen: unknown
  const service = await startService(t, 'sqlite', {
    extend: async (app) => {
      await app.register(async (open: App) => {
        declareAccess(open, 'public')
        open.get('/open', async (request) => {
          seen = request.principal
          return {}
        })
      })
    },
    prepare: (app) => {
      app.addHook('preSerialization', async (request, _reply, payload) => {
        if (request.routeOptions.url === '/me') seen = JSON.stringify(request.principal)
        return payload
      })
    },
  })
  await service.register('ann')
  const browser = service.browser()
  await browser.login('ann')
  await browser.get('/open')
  t.equal(seen, null, 'cookie or not')
  const { body } = await browser.get('/me')
  const principal = JSON.parse(String(seen))
  t.strictSame(principal.session, body.session)
  t.match(principal.user, { id: body.user.id, roles: [], data: { username: 'ann' } })
  const [handle, secret] = cookieOf(browser).split('.')
  for (const part of [handle, secret]) t.notMatch(String(seen), part)
})

t.test('code that asks for it where nobody guards is a bug', async (t) => {
  const request = { principal: null, routeOptions: { url: '/open' } }
  t.throws(() => liveOf(request as never), { message: /\/open .*not guarded/ })
})
