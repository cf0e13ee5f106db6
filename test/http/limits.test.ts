import t from 'tap'
import { LIMITS } from '../../src/http/limits.ts'
import { exchange, openSocket, receive, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const limits = {
  headers: 200,
  request: 400,
  keepAlive: 200,
  silence: 600,
  checkEvery: 20,
  drain: 200,
  connections: 20,
}
const service = await startService(t, 'sqlite', {
  limits,
  extend: async (app) => {
    app.get('/big', { config: { access: 'public' } }, async () => 'x'.repeat(64 * 1024 * 1024))
  },
})
const { url } = service
const connections = () =>
  new Promise<number>((done) => service.app.server.getConnections((_error, count) => done(count)))

t.test(
  'the limit for a request is more than that for its headers, and both are checked often',
  async (t) => {
    t.ok(LIMITS.headers < LIMITS.request)
    t.ok(LIMITS.checkEvery <= 1_000)
    t.equal(service.app.server.headersTimeout, limits.headers)
    t.equal(service.app.server.requestTimeout, limits.request)
  },
)

t.test('F7: headers that do not end are answered 408', async (t) => {
  const { answers, closed } = await exchange(url, 'GET /me HTTP/1.1\r\nHost: a\r\n', {
    untilClosed: true,
  })
  t.ok(closed)
  t.match(answers, [{ status: 408, body: { code: 'request_timeout' } }])
})

t.test('F7: a body that trickles in is answered 408', async (t) => {
  const socket = await openSocket(url)
  socket.write(request('POST /login', ['Content-Type: application/json', 'Content-Length: 1000']))
  const trickle = setInterval(() => socket.write(' '), 20)
  const { answers } = await receive(socket, { untilClosed: true })
  clearInterval(trickle)
  t.match(answers, [{ status: 408, body: { code: 'request_timeout' } }])
})

t.test('F7: a connection that says nothing is closed', async (t) => {
  const { closed } = await exchange(url, '', { untilClosed: true })
  t.ok(closed)
  const kept = await exchange(url, request('GET /health/live'), { untilClosed: true })
  t.match(kept, { closed: true, answers: [{ status: 200 }] })
})

t.test('F7: a connection whose answer is not read is closed', async (t) => {
  const socket = await openSocket(url)
  socket.pause()
  socket.on('error', () => {})
  socket.write(request('GET /big'))
  await until(async () => (await connections()) === 0)
  t.pass('closed by the server')
  socket.destroy()
})

t.test('F8: idle connections are bounded, leave room for others, and make room again', async (t) => {
  const few = await Promise.all(Array.from({ length: limits.connections - 2 }, () => openSocket(url)))
  t.match(await exchange(url, request('GET /health/live')), { answers: [{ status: 200 }] })
  for (const socket of few) socket.destroy()
  await until(async () => (await connections()) === 0)
  const idle = await Promise.all(Array.from({ length: limits.connections }, () => openSocket(url)))
  const refused = await exchange(url, request('GET /health/live'), { untilClosed: true })
  t.strictSame(refused, { answers: [], closed: true })
  await until(async () => (await connections()) === 0)
  t.match(await exchange(url, request('GET /health/live')), { answers: [{ status: 200 }] })
  for (const socket of idle) socket.destroy()
})

t.test('F9: clients that hang up, half or whole, before or during a login, harm nothing', async (t) => {
  await service.register('ann')
  const body = JSON.stringify({ username: 'ann', password: 'wrong' })
  const login = request('POST /login', ['Content-Type: application/json'], body)
  for (const bytes of [request('GET /me'), request('GET /big'), login, login.slice(0, -5)]) {
    const half = await openSocket(url)
    half.on('error', () => {}).end(bytes)
    half.resume()
    const whole = await openSocket(url)
    whole.on('error', () => {}).write(bytes, () => whole.resetAndDestroy())
  }
  await until(async () => (await connections()) === 0)
  t.match(await exchange(url, request('GET /health/live')), { answers: [{ status: 200 }] })
})

t.test('F10: slow clients do not keep the server from stopping', async (t) => {
  const other = await startService(t, 'sqlite', {
    limits: { ...limits, headers: 60_000, request: 90_000 },
  })
  const socket = await openSocket(other.url)
  socket.on('error', () => {}).write('GET /me HTTP/1.1\r\nHost: a\r\n')
  await until(
    () => new Promise((done) => other.app.server.getConnections((_e, count) => done(count === 1))),
  )
  await other.app.close()
  t.pass('stopped')
  socket.destroy()
})
