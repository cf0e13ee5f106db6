import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { openSocket, request } from '../support/raw.ts'
import { sharedStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const JSON_TYPE = 'Content-Type: application/json'

t.test('a client that resets its connection at any moment is no bug of ours', async (t) => {
  const env = {
    ...(await sharedStores(t, 'sqlite')),
    THROTTLE: 'off',
    LOG_LEVEL: 'debug',
  }
  const instance = await startInstance(env, { program: 'test/support/slow-server.ts' })
  t.teardown(() => instance.stop())
  const { url } = instance
  const ann = new Browser(url)
  await ann.post('/register', { username: 'ann', password: PASSWORD })
  await ann.login('ann')
  const cookie = `Cookie: ${ann.cookie}`
  const wrong = JSON.stringify({ username: 'ann', password: 'not her password' })
  const right = JSON.stringify({ username: 'bob', password: PASSWORD })
  const requests: Record<string, string> = {
    'a login': request('POST /login', [JSON_TYPE], wrong),
    'half a login': request('POST /login', [JSON_TYPE], wrong).slice(0, -10),
    'a head without its body': request('POST /login', [JSON_TYPE, 'Content-Length: 100']),
    'half a chunk': `${request('POST /login', [JSON_TYPE, 'Transfer-Encoding: chunked'])}ff\r\n{"user`,
    'half a head': 'POST /login HTTP/1.1\r\nHost: a\r\nConte',
    'a sign-up': request('POST /register', [JSON_TYPE], right),
    'another password': request(
      'PUT /me/password',
      [JSON_TYPE, cookie],
      '{"currentPassword":"x","newPassword":"y"}',
    ),
    'a check': request('GET /me', [cookie]),
    'a stream': request('GET /me/events', [cookie]),
    'a large file': request('GET /docs/swagger-ui-bundle.js'),
    'a bad target': request('GET /%zz'),
    'several at once':
      request('GET /me', [cookie]).repeat(5) + request('POST /login', [JSON_TYPE], wrong),
    'a page of another origin': request(
      'POST /login',
      [JSON_TYPE, 'Origin: https://evil.example'],
      wrong,
    ),
  }
  for (const [what, bytes] of Object.entries(requests)) {
    for (let i = 0; i < 40; i++) await resetAfter(url, bytes, i % 4)
    await until(async () => (await ann.get('/health/live')).status === 200)
    const bad = instance.logs.filter(({ level }) => Number(level) >= 40)
    t.strictSame(bad.splice(0, 1), [], what)
    instance.logs.length = 0
  }
  const { body } = await ann.get('/metrics')
  t.match(body, /^oneseat_errors_total\{code="internal"\} 0$/m)
  t.equal((await ann.get('/me')).status, 200)
})

/** Sends the bytes and resets the connection: at once, after a turn, after some of an answer, or after a moment. */
async function resetAfter(url: string, bytes: string, moment: number): Promise<void> {
  const socket = await openSocket(url)
  socket.on('error', () => {})
  const sent = new Promise<void>((done) => socket.write(bytes, () => done()))
  if (moment > 0) await sent
  if (moment === 2) await Promise.race([new Promise((done) => socket.once('data', done)), pause(20)])
  if (moment === 3) await pause(2)
  socket.resetAndDestroy()
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
