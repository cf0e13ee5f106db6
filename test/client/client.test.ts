import t, { type Test } from 'tap'
import * as module from '../../src/client/client.ts'
import { ApiError, type Client, createClient, type SignedOut } from '../../src/client/client.ts'
import { PASSWORD } from '../support/browser.ts'
import { fetchWithJar, hastyClock } from '../support/device.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

type Device = { client: Client; told: SignedOut[]; fetch: ReturnType<typeof fetchWithJar> }

/** A device that listens; with the jar of another one it is a second program on that device. */
function device(t: Test, { url }: Service, fetch = fetchWithJar()): Device {
  const client = createClient({ baseUrl: url, fetch })
  const told: SignedOut[] = []
  client.onSignedOut((reason) => told.push(reason))
  t.teardown(() => client.close())
  return { client, told, fetch }
}

async function withAnn(t: Test, env: Record<string, string> = {}): Promise<Service> {
  const service = await startService(t, 'sqlite', { env })
  await service.register('ann')
  return service
}

const ANN = { username: 'ann', password: PASSWORD }
const refusalOf = async (call: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof ApiError) return error
  throw error ?? new Error('it succeeded')
}

t.test('who has forgotten their password gets back in', async (t) => {
  const service = await withAnn(t)
  const { client } = device(t, service)
  t.equal(await client.forgotPassword('ann'), undefined)
  const account = await service.parts.accounts.findByUsername('ann')
  if (account === null) throw new Error('nobody is called ann')
  const { token } = await service.parts.resets.issue(account, '{}')
  const newPassword = 'another correct horse'
  t.equal(await client.resetPassword({ token, newPassword }), undefined)
  const again = client.resetPassword({ token, newPassword })
  t.match(await refusalOf(again), { code: 'token_used', status: 410 })
  t.match(await client.login({ ...ANN, password: newPassword }), { session: { current: true } })
})

t.test('this is all that it can do', async (t) => {
  t.strictSame(Object.keys(module).sort(), ['ApiError', 'createClient'])
  const client = createClient({ baseUrl: 'http://127.0.0.1:1' })
  t.strictSame(Object.keys(client).sort(), [
    ...[
      'changePassword',
      'close',
      'dispute',
      'forgotPassword',
      'login',
      'logout',
      'me',
      'onSignedOut',
      'register',
      'resetPassword',
      'revoke',
    ],
    ...['sessions', 'state', 'subscribe', 'timeline', 'touch'],
  ])
})

t.test('typed calls give the bodies of their answers', async (t) => {
  const service = await withAnn(t, { SESSION_LIMIT: '2' })
  const { client, told } = device(t, service)
  t.match(await client.register({ username: 'bob', password: 'correct horse battery' }), {
    user: { username: 'bob' },
  })
  t.match(await client.login({ ...ANN, device: 'laptop' }), {
    session: { device: { name: 'laptop' }, current: true },
    replaced: [],
  })
  t.match(await client.me(), { user: { username: 'ann' } })
  t.match(client.state(), { status: 'signed-in', user: { username: 'ann' } })
  const phone = device(t, service)
  const { session } = await phone.client.login({ ...ANN, device: 'phone' })
  t.equal((await client.sessions()).sessions.length, 2)
  t.equal(await client.revoke(session.id), undefined)
  await until(() => phone.told.length === 1)
  t.equal(phone.told[0]?.code, 'session_revoked')
  t.equal(await client.touch(), undefined)
  const newPassword = 'another correct horse'
  t.equal(await client.changePassword({ currentPassword: PASSWORD, newPassword }), undefined)
  const { events, next } = await client.timeline({ limit: 2 })
  t.match(events, [{ type: 'password_changed' }, {}])
  t.match((await client.timeline({ after: next ?? '' })).events, [{ type: 'login' }])
  t.ok((await client.timeline()).events.length > 2)
  t.match(await refusalOf(client.login(ANN)), { code: 'invalid_credentials', status: 401 })
  t.equal((await client.me()).user.username, 'ann', 'the session is as it was')
  t.strictSame(told, [])
})

t.test('the device that is replaced is told over its stream: once, by whom and when', async (t) => {
  const service = await withAnn(t)
  const laptop = device(t, service)
  await laptop.client.login({ ...ANN, device: 'laptop' })
  await until(() => laptop.fetch.seen.includes('GET /me/events'))
  const phone = device(t, service)
  await phone.client.login({ ...ANN, device: 'phone' })
  await until(() => laptop.told.length > 0)
  const [reason] = laptop.told
  t.match(reason, { code: 'session_replaced', message: /signed in on phone/ })
  if (reason?.code === 'session_replaced') t.equal(reason.replacedBy.device.name, 'phone')
  for (const call of [laptop.client.me(), laptop.client.sessions()])
    t.equal((await refusalOf(call)).code, 'session_replaced')
  t.equal(laptop.told.length, 1)
  t.strictSame(laptop.client.state(), { status: 'signed-out', reason })

  t.equal(await laptop.client.dispute(), undefined)
  await until(() => phone.told.length === 1)
  t.equal(phone.told[0]?.code, 'session_disputed')
  t.equal((await refusalOf(laptop.client.dispute())).code, 'already_disputed')
})

t.test('without a stream any 401 tells', async (t) => {
  const service = await withAnn(t)
  const fetch = fetchWithJar()
  const noStream = Object.assign(
    (url: string, init: RequestInit) =>
      url.endsWith('/me/events') ? Promise.resolve(new Response('', { status: 404 })) : fetch(url, init),
    { jar: fetch.jar, seen: fetch.seen },
  )
  const laptop = device(t, service, noStream)
  await laptop.client.login(ANN)
  await device(t, service).client.login(ANN)
  t.equal((await refusalOf(laptop.client.sessions())).code, 'session_replaced')
  t.equal(laptop.told[0]?.code, 'session_replaced', 'before the call rejects')

  const later = device(t, service, noStream)
  t.equal((await refusalOf(later.client.me())).code, 'session_replaced')
  t.equal(later.told.length, 1, 'also a page that is opened later')
})

t.test('of two hundred calls that are refused at once one asks why', async (t) => {
  const service = await withAnn(t)
  const laptop = device(t, service)
  await laptop.client.login(ANN)
  laptop.fetch.jar.clear()
  laptop.fetch.seen.length = 0
  const calls = Array.from({ length: 200 }, () => laptop.client.sessions())
  t.equal((await Promise.allSettled(calls)).length, 200)
  t.equal(laptop.told.length, 1)
  t.strictSame(laptop.fetch.seen.filter((each) => each === 'GET /me').length, 1)
})

t.test(
  'where the stream is refused and the session is not, it comes back more and more slowly',
  async (t) => {
    const service = await withAnn(t)
    const jar = fetchWithJar()
    const clock = hastyClock()
    let streams = 0
    const fetch = async (url: string, init: RequestInit) => {
      if (!url.endsWith('/me/events')) return jar(url, init)
      if (++streams === 8) client.close()
      return Response.json({ code: 'unauthenticated', status: 401 }, { status: 401 })
    }
    const client = createClient({ baseUrl: service.url, fetch, clock })
    client.onSignedOut(() => {})
    await client.login(ANN)
    await until(() => streams === 8)
    t.strictSame(
      clock.waits.map((ms) => Math.round(ms / 1_000)),
      [1, 1, 3, 5, 9, 17],
    )
  },
)

t.test('an end that says nothing is none', async (t) => {
  let streams = 0
  const fetch = async () => {
    if (++streams === 3) client.close()
    return new Response('event: session.ended\ndata: null\n\n', {
      headers: { 'content-type': 'text/event-stream' },
    })
  }
  const client = createClient({ baseUrl: 'http://127.0.0.1:1', fetch, clock: hastyClock() })
  client.onSignedOut(() => t.fail('nobody said so'))
  await until(() => streams >= 3)
})

t.test('own logout is no news, and neither is nobody', async (t) => {
  const service = await withAnn(t)
  const { client, told, fetch } = device(t, service)
  t.equal((await refusalOf(client.me())).code, 'unauthenticated')
  await client.login(ANN)
  await until(() => fetch.seen.includes('GET /me/events'))
  t.equal(await client.logout(), undefined)
  t.strictSame(client.state(), { status: 'signed-out', reason: null })
  t.equal((await refusalOf(client.me())).code, 'unauthenticated')
  t.equal(await client.logout(), undefined, 'a second one too')
  t.strictSame(told, [])
})

t.test(
  'a login in place of one’s own session is no end, and the stream follows the new one',
  async (t) => {
    const service = await withAnn(t)
    const { client, told, fetch } = device(t, service)
    await client.login(ANN)
    await until(() => fetch.seen.includes('GET /me/events'))
    await Promise.all([client.login(ANN), client.login(ANN)])
    t.equal((await client.me()).user.username, 'ann')
    await until(() => fetch.seen.filter((call) => call === 'GET /me/events').length > 1)
    t.strictSame(told, [])
    await device(t, service).client.login(ANN)
    await until(() => told.length === 1)
  },
)

t.test('what a second program on the device does is found out', async (t) => {
  const service = await withAnn(t)
  const first = device(t, service)
  await first.client.login(ANN)
  const second = device(t, service, first.fetch)
  await second.client.me()
  await second.client.logout()
  await until(() => first.told.length === 1)
  t.match(first.told, [{ code: 'logged_out', message: 'You signed out.' }])
})

t.test('a session that is about to end is announced, and a use of it puts that off', async (t) => {
  const service = await withAnn(t, { IDLE_TIMEOUT: '10m' })
  const { client, fetch } = device(t, service)
  await client.login(ANN)
  service.advance(9.5 * 60_000)
  client.close()
  const page = { client: createClient({ baseUrl: service.url, fetch }) }
  t.teardown(() => page.client.close())
  await page.client.me() // a use: the end is not near any more
  t.match(page.client.state(), { status: 'signed-in', ending: null })
  service.advance(9.5 * 60_000)
  const states: string[] = []
  page.client.subscribe(() => states.push(page.client.state().status))
  await until(() => states.length > 0)
  t.match(page.client.state(), { status: 'signed-in', ending: { code: 'session_idle' } })
  await page.client.touch()
  t.match(page.client.state(), { status: 'signed-in', ending: null })
})

t.test('the stream sleeps with the page', async (t) => {
  const service = await withAnn(t)
  const browser = globalThis as { document?: EventTarget & { visibilityState: string } }
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  browser.document = document
  t.teardown(() => delete browser.document)
  const look = (visibilityState: string) => {
    document.visibilityState = visibilityState
    document.dispatchEvent(new Event('visibilitychange'))
  }
  const open = new Set<AbortSignal>()
  const jar = fetchWithJar()
  const fetch = Object.assign((url: string, init: RequestInit) => {
    if (url.endsWith('/me/events') && init.signal) open.add(init.signal)
    return jar(url, init)
  }, jar)
  const isOpen = () => [...open].some((signal) => !signal.aborted)

  const laptop = device(t, service, fetch)
  await laptop.client.login({ ...ANN, device: 'laptop' })
  await until(isOpen)
  look('hidden')
  t.notOk(isOpen())
  await device(t, service).client.login({ ...ANN, device: 'phone' })
  t.strictSame(laptop.told, [], 'nobody looks')
  look('visible')
  await until(() => laptop.told.length > 0)
  t.match(laptop.told, [{ code: 'session_replaced', replacedBy: { device: { name: 'phone' } } }])
})

t.test('503 and 429 are tried again, unless one does not want it', async (t) => {
  const service = await withAnn(t)
  const fetch = fetchWithJar()
  let refused = 0
  const busy = async (url: string, init: RequestInit) =>
    refused++ < 2 ? new Response('', { status: 503, headers: { 'retry-after': '1' } }) : fetch(url, init)
  const clock = hastyClock()
  const patient = createClient({ baseUrl: `${service.url}/`, fetch: busy, clock })
  t.match(await patient.login(ANN), { user: { username: 'ann' } })
  t.equal(clock.waits.length, 2)
  refused = 0
  const hasty = createClient({ baseUrl: service.url, fetch: busy, retry: false })
  t.match(await refusalOf(hasty.me()), { status: 503, retryAfter: 1000 })
})

t.test('no answer is an error like any other, and says nothing of the session', async (t) => {
  const service = await withAnn(t)
  const { client, told } = device(t, service, fetchWithJar())
  await client.login(ANN)
  const away = createClient({ baseUrl: 'http://127.0.0.1:1' })
  away.onSignedOut(() => t.fail('told'))()
  t.match(await refusalOf(away.me()), { code: 'unreachable', status: 0 })
  t.strictSame(told, [])
})

t.test('tabs of one browser: one stream, and what one knows all know', async (t) => {
  const service = await withAnn(t, { IDLE_TIMEOUT: '10m' })
  const browser = globalThis as { location?: { origin: string } }
  browser.location = { origin: service.url }
  t.teardown(() => delete browser.location)
  const jar = fetchWithJar()
  const streams = () => jar.seen.filter((call) => call === 'GET /me/events').length
  const tabs = Array.from({ length: 8 }, () => device(t, { ...service, url: '' }, jar))
  const [first, second] = tabs as [Device, Device]
  const isAll = (status: string) => tabs.every(({ client }) => client.state().status === status)

  await until(() => isAll('signed-out')) // the stream was refused, and nobody is told anything by that
  const before = streams()
  await first.client.login({ ...ANN, device: 'laptop' })
  await until(() => isAll('signed-in'))
  await until(() => streams() > before)

  service.advance(9.5 * 60_000)
  service.engines.notices.publish((jar.jar.get('oneseat') ?? '').slice(0, 16))
  const ending = ({ client }: Device) => {
    const state = client.state()
    return state.status === 'signed-in' && state.ending !== null
  }
  await until(() => tabs.every(ending))
  await second.client.touch()
  await until(() => !tabs.some(ending))
  t.equal(streams(), before + 1)

  // A tab that is opened now and asks for nothing learns from the stream that somebody is signed in.
  for (const { client } of tabs.slice(2)) client.close()
  first.client.close()
  second.client.close()
  const later = device(t, { ...service, url: '' }, jar)
  await until(() => later.client.state().status === 'signed-in')
  const beside = device(t, { ...service, url: '' }, jar)
  await beside.client.me()
  await later.client.logout()
  await until(() => beside.told.length > 0)
  t.match(beside.told, [{ code: 'logged_out' }])

  await beside.client.login(ANN)
  await until(() => later.client.state().status === 'signed-in')
  delete browser.location
  await device(t, service).client.login({ ...ANN, device: 'phone' })
  await until(() => later.told.length > 0 && beside.told.length > 1)
  t.match(later.told, [{ code: 'session_replaced', replacedBy: { device: { name: 'phone' } } }])
  t.equal(beside.told.length, 2)
  for (const { told } of tabs) t.strictSame(told, [])
})
