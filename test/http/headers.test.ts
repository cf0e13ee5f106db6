import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { Refusal, waitFor } from '../../src/errors.ts'
import { SECURITY_HEADERS, SecureResponse } from '../../src/http/headers.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { Browser, PASSWORD } from '../support/browser.ts'
import { exchange, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'

const service = await startService(t, 'sqlite', {
  env: { TRUST_PROXY: '127.0.0.1' },
  extend: async (app) => {
    app.get('/bug', { config: { access: 'public' } }, async () => {
      throw new Error('SELECT secret FROM /etc/passwd')
    })
    app.get('/too-soon', { config: { access: 'public' } }, async () => {
      throw new Refusal('too_many_attempts', { headers: waitFor(1_000) })
    })
    app.get('/away', { config: { access: 'public' } }, async () => {
      throw storeUnavailable(new Error('SELECT secret FROM /etc/passwd'))
    })
  },
})
await service.register('ann')
const JSON_TYPE = 'Content-Type: application/json'

/** One request for each status there is. */
const REQUESTS: [status: number, bytes: string][] = [
  [200, request('GET /health/live')],
  [200, request('GET /openapi.yaml')],
  [204, request('POST /logout', [JSON_TYPE])],
  [204, request('OPTIONS /me')],
  [400, request('POST /login', [JSON_TYPE], '{')],
  [400, request('GET /%zz')],
  [400, 'GET /me HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n'],
  [401, request('GET /me')],
  [401, request('POST /login', [JSON_TYPE], '{"username":"ann","password":"x"}')],
  [403, request('POST /logout', ['Origin: https://evil.example'])],
  [404, request('GET /xyzzy')],
  [405, request('PUT /me')],
  [409, request('POST /register', [JSON_TYPE], `{"username":"ann","password":"${PASSWORD}"}`)],
  [413, request('POST /login', [JSON_TYPE, 'Content-Length: 1000000'])],
  [414, request(`GET /${'x'.repeat(5_000)}`)],
  [415, request('POST /login', ['Content-Type: text/plain'], 'x')],
  [417, request('GET /me', ['Expect: x'])],
  [422, request('POST /register', [JSON_TYPE], '{"username":"bob","password":"x"}')],
  [429, request('GET /too-soon')],
  [431, request('GET /me', [`X: ${'x'.repeat(20_000)}`])],
  [500, request('GET /bug')],
  [501, request('FOO /me')],
  [503, request('GET /away')],
]

t.test(
  'A 3.2.1, 3.4.4, 3.4.6, 14.3.2: every answer carries the security headers, whoever wrote it',
  async (t) => {
    for (const [status, bytes] of REQUESTS) {
      const { answers } = await exchange(service.url, bytes)
      const what = `${status} ${bytes.split('\r\n', 1)[0]?.slice(0, 40)}`
      t.equal(answers[0]?.status, status, what)
      t.match(answers[0]?.headers, { ...SECURITY_HEADERS }, what)
      if (status >= 400) t.equal(answers[0]?.headers['content-type'], 'application/problem+json', what)
    }
  },
)

t.test(
  'A 13.4.6, 16.5.1: no answer names the software, or repeats what was asked for or went wrong',
  async (t) => {
    for (const [status, bytes] of REQUESTS) {
      const [answer] = (await exchange(service.url, bytes)).answers
      const what = `${status} ${bytes.split('\r\n', 1)[0]?.slice(0, 40)}`
      t.notOk(answer?.headers['server'] ?? answer?.headers['x-powered-by'], what)
      if (status >= 400)
        t.notMatch(answer?.text, /fastify|\bnode|\.ts\b|SELECT|passwd|xyzzy|xxxx|stack/i, what)
    }
  },
)

t.test('a bug is told by the id of its request only', async (t) => {
  const { body } = await new Browser(service.url).get('/bug')
  t.match(body, { code: 'internal', requestId: /^[\w-]{8,}$/ })
  t.strictSame(Object.keys(body).sort(), ['code', 'detail', 'requestId', 'status', 'title', 'type'])
})

t.test('A 3.4.1: HSTS is sent over HTTPS, also with errors, and never over plain HTTP', async (t) => {
  const https = new Browser(service.url, { 'x-forwarded-proto': 'https' })
  for (const path of ['/health/live', '/xyzzy', '/bug', '/me'])
    t.match((await https.get(path)).headers.get('strict-transport-security'), /^max-age=(\d{8,})$/, path)
  t.equal((await service.browser().get('/health/live')).headers.get('strict-transport-security'), null)
})

const WAYS: Record<string, (response: SecureResponse, headers: Record<string, string>) => void> = {
  'as an object': (response, headers) => response.writeHead(200, headers),
  'with a reason': (response, headers) => response.writeHead(200, 'Fine', headers),
  'as a list': (response, headers) => response.writeHead(200, Object.entries(headers).flat()),
  'one by one': (response, headers) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  },
  'one by one, and then written': (response, headers) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.writeHead(200, { 'x-more': '1' })
  },
}

t.test('they are there however a response is written, each once', async (t) => {
  for (const [way, write] of Object.entries(WAYS)) {
    const headers = await answerOf((response) => {
      write(response, { 'content-type': 'text/plain' })
      response.end()
    })
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      t.strictSame(headers.get(name), value, `${name}, headers ${way}`)
    t.equal(headers.get('content-type'), 'text/plain', way)
  }
  for (const end of [
    (response: SecureResponse) => response.end(),
    (response: SecureResponse) => response.end('some text'),
    (response: SecureResponse) => response.writeHead(200).end(),
    (response: SecureResponse) => response.write('some') && response.end(' text'),
    (response: SecureResponse) => response.flushHeaders() ?? response.end(),
  ])
    for (const [name, value] of Object.entries(SECURITY_HEADERS))
      t.strictSame((await answerOf(end)).get(name), value, `${name}, ${end}`)
})

t.test('and a route may have another of its own, in any spelling', async (t) => {
  for (const [way, write] of Object.entries(WAYS))
    for (const name of ['cache-control', 'Cache-Control']) {
      const headers = await answerOf((response) => {
        write(response, { [name]: 'max-age=1' })
        response.end()
      })
      t.equal(headers.get('cache-control'), 'max-age=1', `${name} ${way}`)
      t.equal(headers.get('x-frame-options'), 'DENY')
    }
})

/** The headers that arrive; one that is there twice arrives as a list. */
async function answerOf(handler: (response: SecureResponse) => void): Promise<Headers> {
  const server = createServer({ ServerResponse: SecureResponse }, (_request, response) =>
    handler(response),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { headers } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  server.close()
  return headers
}
