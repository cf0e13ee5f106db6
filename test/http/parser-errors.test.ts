import t from 'tap'
import { SECURITY_HEADERS } from '../../src/http/headers.ts'
import { exchange, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'

let finishSlow = () => {}
const service = await startService(t, 'sqlite', {
  extend: async (app) => {
    app.get('/slow', { config: { access: 'public' } }, async () => {
      await new Promise<void>((done) => {
        finishSlow = done
      })
      return { slow: true }
    })
  },
})
const { url } = service

const POST = 'POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
const NEXT = request('GET /health/live')

/** Framing that two programs could read differently: the connection ends with the first answer. */
const AMBIGUOUS: Record<string, string> = {
  'Content-Length and Transfer-Encoding': `${POST}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'an unknown transfer coding': `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunked and then identity': `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'a space before the colon': `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  'two lengths that differ': `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  'two lengths that agree': `${POST}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
  'a list of lengths': `${POST}Content-Length: 2, 2\r\n\r\n{}`,
  'chunked twice': `${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  'a chunk extension without end': `${POST}Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(40_000)}\r\n{}\r\n0\r\n\r\n`,
  'a signed length': `${POST}Content-Length: +2\r\n\r\n{}`,
  'a negative length': `${POST}Content-Length: -1\r\n\r\n{}`,
  'a length beyond numbers': `${POST}Content-Length: 1000000000000000000000000000000\r\n\r\n{}`,
  'a chunk size with a prefix': `${POST}Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n`,
  'chunk lines without CR': `${POST}Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n`,
  'header lines without CR': 'GET /me HTTP/1.1\nHost: a\n\n',
  'a bare CR in a header': 'GET /me HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n',
  'a folded header': 'GET /me HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n',
  'NUL in a header': 'GET /me HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n',
}

for (const [what, bytes] of Object.entries(AMBIGUOUS)) {
  t.test(`F1: ${what} is answered 400, and nothing after it is read`, async (t) => {
    const { answers, closed } = await exchange(url, bytes + NEXT, { untilClosed: true })
    t.ok(closed)
    t.match(answers, [{ status: 400, body: { code: 'invalid_request', status: 400 } }])
    t.equal(answers.length, 1)
    t.match(answers[0]?.headers, { ...SECURITY_HEADERS, 'content-type': 'application/problem+json' })
  })
}

t.test('F2: what follows a body is a request of its own', async (t) => {
  const first = request('POST /logout', ['Content-Type: application/json'], '{}')
  const { answers } = await exchange(url, first + NEXT, { answers: 2 })
  t.match(answers, [{ status: 204 }, { status: 200 }])
})

t.test('F2: broken bytes after a whole request do not spoil its answer', async (t) => {
  const pending = exchange(url, `${request('GET /slow')}\0garbage\r\n\r\n`, { untilClosed: true })
  while (true) {
    finishSlow()
    if (await Promise.race([pending.then(() => true), new Promise((done) => setImmediate(done, false))]))
      break
  }
  const { answers } = await pending
  t.match(answers, [{ status: 200, body: { slow: true }, headers: { connection: 'close' } }])
  t.equal(answers.length, 1)
})

t.test('F3: other protocols and versions are refused', async (t) => {
  for (const bytes of [
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET /me HTTP/9.9\r\nHost: a\r\n\r\n',
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    'GET /me\r\n\r\n',
  ]) {
    const { answers, closed } = await exchange(url, bytes, { untilClosed: true })
    t.ok(closed)
    t.match(answers, [{ status: 400 }])
  }
  t.match(await exchange(url, 'GET /health/live HTTP/1.1\r\n\r\n'), {
    answers: [{ status: 400, body: { errors: [{ path: '/headers/host' }] } }],
  })
})

t.test('HTTP/1.0, as of the health checks of some load balancers, needs no Host', async (t) => {
  for (const [line, status] of [
    ['GET /health/ready', 200],
    ['HEAD /health/ready', 200],
    ['OPTIONS /health/ready', 204],
    ['GET /me', 401],
    ['GET /nowhere', 404],
  ] as const)
    for (const host of ['', 'Host: a\r\n', 'Connection: keep-alive\r\n'])
      t.match(
        await exchange(url, `${line} HTTP/1.0\r\n${host}\r\n`, { head: line.startsWith('HEAD') }),
        {
          answers: [{ status, headers: { ...SECURITY_HEADERS } }],
        },
      )
  for (const host of ['Host: a b\r\n', 'Host: a\r\nHost: b\r\n'])
    t.match(await exchange(url, `GET /me HTTP/1.0\r\n${host}\r\n`), { answers: [{ status: 400 }] })
})

t.test('F4: an offer to upgrade is not taken up', async (t) => {
  for (const protocol of ['h2c', 'websocket'])
    t.match(await exchange(url, request('GET /me', ['Connection: Upgrade', `Upgrade: ${protocol}`])), {
      answers: [{ status: 401 }],
    })
})

t.test('C7: 100-continue is answered, any other expectation is 417', async (t) => {
  const headers = ['Content-Type: application/json', 'Expect: 100-continue']
  const { answers } = await exchange(url, request('POST /logout', headers, '{}'), { answers: 2 })
  t.match(answers, [{ status: 100 }, { status: 204 }])
  t.match(await exchange(url, request('GET /me', ['Expect: a miracle'])), {
    answers: [
      {
        status: 417,
        body: { code: 'expectation_failed' },
        headers: { ...SECURITY_HEADERS, 'content-type': 'application/problem+json' },
      },
    ],
  })
})

t.test('C8, V-17: headers that are too large or too many are 431', async (t) => {
  const tooMany = Array.from({ length: 200 }, (_, i) => `X${i}: 1`)
  for (const bytes of [
    request('GET /me', [`Cookie: a=${'x'.repeat(17_000)}`]),
    request('GET /me', tooMany),
    request(
      'GET /me',
      Array.from({ length: 3000 }, (_, i) => `X${i}: 1`),
    ),
    request(`GET /${'x'.repeat(70_000)}`),
    `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, // in the trailers
  ]) {
    const { answers } = await exchange(url, bytes)
    t.match(answers, [
      { status: 431, body: { code: 'headers_too_large' }, headers: { ...SECURITY_HEADERS } },
    ])
  }
})

t.test('after all of this the service still answers', async (t) => {
  t.match(await exchange(url, NEXT), { answers: [{ status: 200 }] })
})
