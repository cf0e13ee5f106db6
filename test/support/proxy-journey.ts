import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { PASSWORD } from './browser.ts'
import { endWithUs } from './children.ts'
import { makeUser } from './people.ts'
import { type Behind, curl, type RunningProxy } from './proxies.ts'
import { type Service, startService } from './service.ts'
import { sharedStores } from './stores.ts'

/** What a request came to. */
type Told = { version: string; status: number; headers: string; setCookie: string; text: string }

/** Pages, roles, streams, TLS and a kick behind a proxy, as a person with two devices sees them. */
export async function journeyBehind(
  t: Test,
  startProxy: (t: Test, behind: Behind) => Promise<RunningProxy>,
): Promise<void> {
  const { services, program, behind } = await startBehind(t)
  const { https } = await startProxy(t, behind)
  const [service] = services
  await makeUser(service, 'ann', ['editor'])

  const ask = async (cookie: string, path: string, more: string[] = []): Promise<Told> => {
    const { text } = await curl(['-s', '-i', '--http2', '-b', cookie, https + path, ...more])
    const split = text.indexOf('\r\n\r\n')
    const head = text.slice(0, split)
    const headers = head.toLowerCase()
    const setCookie = /^set-cookie: (__Host-oneseat=[^;]+)/im.exec(head)?.[1] ?? ''
    const [, version = '', status = ''] = /^http\/(\S+) (\d+)/.exec(headers) ?? []
    return { version, status: Number(status), headers, setCookie, text: text.slice(split + 4) }
  }
  const login = async (device: string): Promise<string> => {
    const body = JSON.stringify({ username: 'ann', password: PASSWORD, device })
    const { status, setCookie } = await ask('', '/auth/login', [
      '-H',
      'content-type: application/json',
      '-d',
      body,
    ])
    t.equal(status, 200)
    t.match(setCookie, /^__Host-oneseat=/)
    return setCookie
  }

  t.test('without a session the program is not reached', async (t) => {
    const { status, text, headers } = await ask('', '/page?x=1')
    t.equal(status, 401)
    t.match(headers, /www-authenticate: cookie/)
    t.match(JSON.parse(text), { code: 'unauthenticated' })
    t.equal(program.asked.length, 0)
    t.equal((await ask('', '/auth/metrics')).status, 404)
  })

  t.test('with one the program is told who asks, also for a page with a query', async (t) => {
    const cookie = await login('laptop')
    const forged = TOLD.flatMap((name) => ['-H', `${name}: forged`])
    const { status, version } = await ask(cookie, '/page?role=admin&x=%2F', forged)
    t.equal(status, 200)
    t.equal(version, '2', 'over HTTP/2')
    const [asked] = program.asked
    t.match(asked?.headers, {
      'x-user-name': 'ann',
      'x-user-roles': 'editor',
      'x-session-epoch': /^\d+$/,
    })
    t.not(asked?.headers['x-user-id'], 'forged')
    t.equal(asked?.url, '/page?role=admin&x=%2F')
    const posted = await ask(cookie, '/page', [
      '-d',
      'x'.repeat(9_000),
      '-H',
      'content-type: text/plain',
    ])
    t.equal(posted.status, 200)
    t.equal(program.asked[1]?.headers['content-length'], '9000')
  })

  t.test('a path in another spelling leads past no rule', async (t) => {
    const odd = (cookie: string, path: string) => ask(cookie, path, ['--path-as-is', '-X', 'GET'])
    await Promise.all(
      HIDDEN_PATHS.map(async (path) => t.notMatch((await odd('', path)).text, '# HELP', path)),
    )
    const before = program.asked.length
    await Promise.all(
      ODD_PATHS.map(async (path) => t.match((await odd('', path)).status, /^4\d\d$/, path)),
    )
    t.equal(program.asked.length, before, 'nobody gets through')
    const cookie = await login('laptop')
    await Promise.all(ODD_PATHS.map((path) => odd(cookie, path)))
    const asked = program.asked.slice(before)
    t.ok(asked.length >= 4)
    for (const { headers, url } of asked)
      t.match(headers, { 'x-user-name': 'ann', 'x-user-roles': 'editor' }, url ?? '')
  })

  t.test('a kick ends the stream, and the next page says by whom', async (t) => {
    const laptop = await login('laptop')
    const stream = spawn('curl', ['-s', '-N', '-k', '-b', laptop, `${https}/auth/me/events`])
    endWithUs(stream)
    let said = ''
    const open = new Promise<void>((done) =>
      stream.stdout.on('data', (chunk) => {
        said += chunk
        if (said.includes('still signed in')) done()
      }),
    )
    const ended = new Promise<void>((done) => stream.once('close', () => done()))
    await open
    const phone = await login('phone')
    await ended
    t.match(said, /event: session\.ended\ndata: .*session_replaced/)
    const kicked = await ask(laptop, '/page')
    t.equal(kicked.status, 401)
    t.match(JSON.parse(kicked.text), {
      code: 'session_replaced',
      replacedBy: { device: { name: 'phone' } },
    })
    t.equal((await ask(phone, '/page')).status, 200)
    const { ip } = JSON.parse((await ask(phone, '/auth/me')).text).session
    t.match(ip, /^(127\.0\.0\.1|::1)$/)
  })

  t.test('where one instance stops, the other answers', async (t) => {
    const cookie = await login('laptop')
    await services[1].app.close()
    for (let i = 0; i < 4; i++) t.equal((await ask(cookie, '/page')).status, 200)
  })
}

/** Two instances on the same stores, and a program that says yes to everything. */
async function startBehind(t: Test) {
  const stores = await sharedStores(t, 'redis')
  const env = { ...stores, TRUST_PROXY: '127.0.0.1', COOKIE_SECURE: 'true', KEEP_ALIVE_TIMEOUT: '72s' }
  const services: [Service, Service] = [
    await startService(t, 'sqlite', { env }),
    await startService(t, 'sqlite', { env }),
  ]
  const asked: Pick<IncomingMessage, 'headers' | 'url'>[] = []
  const server = createServer((request, response) => {
    asked.push({ headers: request.headers, url: request.url })
    request.resume().once('end', () => response.end('{}'))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  const program = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const behind: Behind = { oneseat: [services[0].url, services[1].url], program }
  return { services, program: { asked }, behind }
}

/** Paths that programs read in more than one way: of what is not for outside, and of the program behind. */
const HIDDEN_PATHS = ['/auth/%6detrics', '/auth//metrics', '/%61uth/metrics', '/auth/metrics%23x']
const ODD_PATHS = [
  '/auth/../page',
  '/auth/%2e%2e/page',
  '/auth%2f..%2fpage',
  '/auth/..%2fpage',
  '/page;/auth/',
  '/page?x=%0d%0aX-User-Roles:%20admin',
  '/page%0d%0aX-User-Roles:%20admin',
]

/** What nobody outside may say. */
const TOLD = ['x-user-id', 'x-user-name', 'x-user-roles', 'x-session-id', 'x-session-epoch']
