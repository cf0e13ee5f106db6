import type { RouteOptions } from 'fastify'
import t from 'tap'
import { liveOf } from '../../src/fastify/principal.ts'
import { declareAccess } from '../../src/http/access.ts'
import type { Access, App } from '../../src/http/types.ts'
import { type Browser, PASSWORD } from '../support/browser.ts'
import { closedLatch } from '../support/latch.ts'
import { makeUser } from '../support/people.ts'
import { BOTH_ENDS, type Service, startService } from '../support/service.ts'

/** A body that a call takes; without one the answer would be 400, because the guard asks after the body. */
const BODIES: Record<string, unknown> = {
  'PUT /me/password': { currentPassword: PASSWORD, newPassword: `${PASSWORD}!` },
  'PATCH /me': { currentPassword: `not ${PASSWORD}`, username: 'new' },
  'DELETE /me': { currentPassword: `not ${PASSWORD}` },
  'POST /admin/invitations': {},
  'POST /admin/users': { username: 'new', password: PASSWORD },
  'PATCH /admin/users/:id': { roles: [] },
  'POST /sessions': { user: { id: 'x' } },
}

/** What each kind of caller gets from a route of each kind; null: not refused by a guard. */
const RULES: Record<Access, Record<Caller, string | null>> = {
  public: {
    ...{ anonymous: null, garbage: null, invented: null },
    ...{ kicked: null, expired: null, live: null, admin: null },
  },
  session: {
    anonymous: '401 unauthenticated',
    garbage: '401 unauthenticated',
    invented: '401 unauthenticated',
    kicked: '401 session_replaced',
    expired: '401 session_idle',
    live: null,
    admin: null,
  },
  admin: {
    anonymous: '401 unauthenticated',
    garbage: '401 unauthenticated',
    invented: '401 unauthenticated',
    kicked: '401 session_replaced',
    expired: '401 session_idle',
    live: '403 forbidden',
    admin: null,
  },
  service: {
    ...{ anonymous: '401 unauthenticated', garbage: '401 unauthenticated' },
    ...{ invented: '401 unauthenticated', kicked: '401 unauthenticated' },
    ...{ expired: '401 unauthenticated', live: '401 unauthenticated', admin: '401 unauthenticated' },
  },
}

const CALLERS = {
  anonymous: async (service: Service) => service.browser(),
  garbage: async (service: Service) => {
    const browser = service.browser()
    browser.jar.set('oneseat', 'AAAAAAAAAAAAAAAA.BBBB.CCCC')
    return browser
  },
  invented: async (service: Service) => {
    const browser = service.browser()
    browser.jar.set('oneseat', `${'A'.repeat(16)}.${'B'.repeat(43)}`)
    return browser
  },
  kicked: async (service: Service) => {
    const browser = await signedIn(service, 'ann')
    await signedIn(service, 'ann')
    return browser
  },
  expired: async (service: Service) => {
    const browser = await signedIn(service, 'ann')
    service.advance(31 * MINUTE)
    return browser
  },
  live: (service: Service) => signedIn(service, 'ann'),
  admin: (service: Service) => signedIn(service, 'root'),
}
type Caller = keyof typeof CALLERS

for (const engine of BOTH_ENDS) {
  t.test(`every route lets in whom its scope says, and nobody else [${engine}]`, async (t) => {
    const routes: RouteOptions[] = []
    const service = await startService(t, engine, {
      prepare: (app) => app.addHook('onRoute', (route) => void routes.push(route)),
    })
    await makeUser(service, 'root', ['admin'])
    for (const { method, url, config, schema } of routes) {
      if (schema?.hide === true) continue // answers 405
      const access = config?.access as Access
      for (const caller of Object.keys(CALLERS) as Caller[]) {
        const call = `${method} ${url}`
        const browser = await CALLERS[caller](service)
        const { status, code, setCookies } = await ask(browser, String(method), url, BODIES[call])
        const refusal = RULES[access][caller]
        const name = `${call} for ${caller}`
        if (refusal === null) {
          t.ok(
            status < 500 &&
              (access === 'public' || ![401, 403].includes(status) || code === 'invalid_credentials'),
            `${name}: ${status}`,
          )
        } else {
          const told = method === 'HEAD' ? refusal.slice(0, 3) : refusal // no body, no code
          t.equal(code === null ? `${status}` : `${status} ${code}`, told, name)
          t.strictSame(setCookies, [], `${name} leaves the cookie alone`)
        }
      }
    }
    t.ok(routes.length > 10)
  })
}

t.test('a handler that asks who it is, in a scope without a guard, is a bug', async (t) => {
  const service = await startService(t, 'sqlite', {
    extend: async (app) => {
      await app.register(async (open: App) => {
        declareAccess(open, 'public')
        open.get('/unguarded', async (request) => liveOf(request).user.id)
      })
    },
  })
  t.match(await service.browser().get('/unguarded'), { status: 500, body: { code: 'internal' } })
})

async function signedIn(service: Service, username: string): Promise<Browser> {
  await service.register(username).catch(() => {})
  const browser = service.browser()
  let answer = await browser.login(username)
  // One of the calls changes the password.
  if (answer.status !== 200) answer = await browser.login(username, { password: `${PASSWORD}!` })
  if (answer.status !== 200) throw new Error(`${username} got ${answer.status}`)
  return browser
}

/** Asks without waiting for the end of the answer: some never end. */
async function ask({ url, cookie }: Browser, method: string, path: string, body: unknown) {
  const response = await fetch(url + path.replace(':id', 'x'), {
    method,
    headers: {
      cookie,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const isProblem = /problem/.test(response.headers.get('content-type') ?? '')
  const code = isProblem && method !== 'HEAD' ? ((await response.json()) as { code: string }).code : null
  await response.body?.cancel().catch(() => {})
  return { status: response.status, code, setCookies: response.headers.getSetCookie() }
}

t.test(
  'a session that was used while a slow check of it was under way is not told that it ran out',
  async (t) => {
    const service = await startService(t, 'sqlite')
    await service.register('ann')
    const browser = service.browser()
    await browser.login('ann')
    const other = browser.copy()
    service.advance(29 * MINUTE)

    const door = closedLatch()
    let held = false
    service.watched.around = async (call, work) => {
      const result = await work()
      if (call === 'store.read' && !held) {
        held = true
        await door.pass() // the record has been read, and its answer is slow
      }
      return result
    }
    const slow = browser.get('/me')
    await door.arrived
    t.equal((await other.get('/me')).status, 200)
    service.advance(2 * MINUTE)
    door.open()
    t.equal((await slow).status, 200)
  },
)

const MINUTE = 60_000
