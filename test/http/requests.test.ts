import { gzipSync } from 'node:zlib'
import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { answerTo, exchange, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'

const service = await startService(t, 'sqlite')
await service.register('ann')
const { url } = service
const good = JSON.stringify({ username: 'ann', password: PASSWORD })

const login = (body: string, headers: string[]) => answerTo(url, 'POST /login', headers, body)

t.test('C1: every other content type is 415, with or without a body', async (t) => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'x',
    'application/xml',
    'text/json',
    'application/json, text/plain',
    'application/json\ta',
    'application/json;charset=utf-8;a',
    'application/vnd.api+json',
    `application/json${' '.repeat(200)};`,
  ]) {
    t.match(
      await login(good, [`Content-Type: ${type}`]),
      { status: 415, body: { code: 'unsupported_media_type' }, headers: { accept: 'application/json' } },
      type,
    )
    t.equal(
      (await answerTo(url, 'POST /logout', [`Content-Type: ${type}`])).status,
      415,
      `${type}, no body`,
    )
  }
  t.equal((await login(good, [])).status, 415, 'none')
})

t.test('C2: the ways to write application/json are all one', async (t) => {
  for (const type of [
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/json;',
    '  application/json',
  ])
    t.equal((await login(good, [`Content-Type: ${type}`])).status, 200, type)
})

t.test('C3: a charset other than UTF-8 is 415', async (t) => {
  for (const charset of ['utf-16', 'iso-8859-1', 'utf-7'])
    t.equal((await login(good, [`Content-Type: application/json; charset=${charset}`])).status, 415)
})

t.test('C4: a header that decides what a request is may be there only once', async (t) => {
  for (const [name = '', value] of [
    ['Content-Type', 'application/json'],
    ['Host', 'oneseat.test'],
    ['Origin', url],
    ['Content-Encoding', 'identity'],
    ['Authorization', 'Basic eDp5'],
  ]) {
    const lines = name === 'Host' ? [`${name}: ${value}`] : [`${name}: ${value}`, `${name}: ${value}`]
    t.match(
      await answerTo(url, 'GET /health/live', lines),
      {
        status: 400,
        body: { code: 'invalid_request', errors: [{ path: `/headers/${name.toLowerCase()}` }] },
      },
      name,
    )
  }
})

t.test('several Cookie fields, as HTTP/2 makes them, are one', async (t) => {
  const ann = service.browser()
  await ann.login('ann')
  const mine = `Cookie: ${ann.cookie.split('; ').find((each) => each.startsWith('oneseat='))}`
  for (const lines of [
    ['Cookie: a=b', mine],
    [mine, 'Cookie: a=b', 'Cookie: oneseat-other=c'],
    ['Cookie: a=b; c=d', 'X-Between: 1', mine, 'cookie: e=f'],
    ann.cookie.split('; ').map((pair) => `Cookie: ${pair}`),
  ])
    t.equal((await answerTo(url, 'GET /me', lines)).status, 200, lines.join(', '))
  for (const lines of [
    [mine, mine],
    ['Cookie: oneseat=x', mine],
    [mine, 'Cookie: a=b; oneseat=x'],
  ])
    for (const line of ['GET /me', 'POST /logout', 'GET /me/sessions', 'POST /sessions/dispute'])
      t.match(
        await answerTo(url, line, lines),
        { status: 400, body: { errors: [{ path: '/headers/cookie', message: 'has oneseat twice' }] } },
        `${line} ${lines.join(', ')}`,
      )
  t.equal((await ann.get('/me')).status, 200)
  t.equal((await answerTo(url, 'POST /logout', ['Cookie: a=b', mine])).status, 204)
  t.equal((await ann.get('/me')).body.code, 'logged_out')
})

t.test('a Host that two programs could read as two hosts is refused', async (t) => {
  for (const host of ['a b', 'a/b', 'evil@a', 'a,b', 'a\\b', 'a?b', 'a#b'])
    t.match(
      (await exchange(url, `GET /health/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).answers,
      [{ status: 400, body: { errors: [{ path: '/headers/host', message: 'is no host' }] } }],
      host,
    )
  for (const host of ['a', 'a:3000', '[::1]:3000', ''])
    t.match((await exchange(url, `GET /health/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).answers, [
      { status: 200 },
    ])
})

t.test('C5: a compressed body is 415, real or not', async (t) => {
  for (const [encoding, body] of [
    ['gzip', gzipSync(good)],
    ['gzip', Buffer.from(good)],
    ['br', Buffer.from(good)],
    ['identity, gzip', Buffer.from(good)],
  ] as const) {
    const head = request('POST /login', [
      'Content-Type: application/json',
      `Content-Encoding: ${encoding}`,
      `Content-Length: ${body.length}`,
    ])
    const { answers } = await exchange(url, Buffer.concat([Buffer.from(head), body]))
    t.match(answers, [{ status: 415, headers: { 'accept-encoding': 'identity' } }], encoding)
  }
  t.equal(
    (await login(good, ['Content-Type: application/json', 'Content-Encoding: identity'])).status,
    200,
  )
})

t.test('C6: what a client would rather have is not asked: the answer is JSON', async (t) => {
  t.match(await answerTo(url, 'GET /health/live', ['Accept: text/html']), {
    status: 200,
    body: { status: 'ok' },
  })
})

t.test('C9: a thousand cookies and a very long one are nobody, quickly', async (t) => {
  const begun = performance.now()
  const many = Array.from({ length: 1000 }, (_, i) => `c${i}=v`).join('; ')
  t.equal((await answerTo(url, 'GET /me', [`Cookie: ${many}`])).status, 401)
  t.equal((await answerTo(url, 'GET /me', [`Cookie: oneseat=${'x'.repeat(15_000)}`])).status, 401)
  t.ok(performance.now() - begun < 1_000)
})

t.test('C10: forwarded addresses are ignored, however many', async (t) => {
  const hops = Array.from({ length: 1000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join(',')
  t.equal((await answerTo(url, 'GET /health/live', [`X-Forwarded-For: ${hops}`])).status, 200)
})

t.test('F5: only a path is a target, and its escapes have one meaning', async (t) => {
  for (const target of [`${url}/me`, 'http://evil.example/login', '*', 'me', '/me#x', '/#/../me'])
    t.equal((await answerTo(url, `GET ${target}`)).status, 400, target)
  t.equal((await answerTo(url, 'OPTIONS *')).status, 400)
  for (const target of ['/%zz', '/%', '/me/%c3%28'])
    t.match(
      await answerTo(url, `GET ${target}`),
      { status: 400, body: { code: 'invalid_request' } },
      target,
    )
  for (const target of ['//me', '/me/', '/ME', '/me;x', '/me%00', '/me/x.css', '/./me', '/me%2f'])
    t.match(await answerTo(url, `GET ${target}`), { status: 404, body: { code: 'not_found' } }, target)
  t.equal((await answerTo(url, 'GET /%6de')).status, 401, '/%6de is /me')
  t.equal((await answerTo(url, 'GET /me?a=b')).status, 401)
})

t.test('C8: a target that is too long is 414', async (t) => {
  t.match(await answerTo(url, `GET /${'x'.repeat(3000)}`), {
    status: 414,
    body: { code: 'uri_too_long' },
  })
})

t.test(
  'F6: HEAD is GET without a body, OPTIONS tells the methods, all others are refused',
  async (t) => {
    const { answers } = await exchange(url, request('HEAD /health/live'), { head: true })
    t.match(answers, [{ status: 200, headers: { 'content-length': '15' } }])
    t.match(await answerTo(url, 'OPTIONS /me/timeline'), {
      status: 204,
      headers: { allow: 'GET, HEAD, OPTIONS' },
    })
    for (const method of ['TRACE', 'PUT', 'QUERY', 'PROPFIND', 'LOCK', 'DELETE']) {
      t.match(
        await answerTo(url, `${method} /me/timeline`, ['X-Echo: secret']),
        { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' }, body: { code: 'method_not_allowed' } },
        method,
      )
    }
    t.notMatch((await answerTo(url, 'TRACE /me', ['X-Echo: secret'])).text, 'secret')
    t.match(await answerTo(url, 'FOO /me'), { status: 501, body: { code: 'not_implemented' } })
    const tunnel = await exchange(url, request('CONNECT oneseat.test:443'), { untilClosed: true })
    t.strictSame(tunnel, { answers: [], closed: true })
  },
)

t.test('A 15.3.7: what the query says of a login is not heard', async (t) => {
  const query = `username=ann&password=${encodeURIComponent(PASSWORD)}`
  const wrong = JSON.stringify({ username: 'ann', password: 'not it' })
  for (const body of [wrong, '{}'])
    t.notMatch(
      (await answerTo(url, `POST /login?${query}`, ['Content-Type: application/json'], body)).status,
      200,
    )
  t.equal((await answerTo(url, `GET /login?${query}`)).status, 405)
})

t.test('headers that name another method or another path change nothing', async (t) => {
  t.equal((await answerTo(url, 'GET /me', ['X-HTTP-Method-Override: DELETE'])).status, 401)
  t.equal(
    (await answerTo(url, 'GET /health/live', ['X-Original-URL: /me', 'X-Rewrite-URL: /me'])).status,
    200,
  )
})
