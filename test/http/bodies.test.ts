import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { answerTo, exchange, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'

const service = await startService(t, 'sqlite')
await service.register('ann')
const { url } = service

const JSON_TYPE = 'Content-Type: application/json'
const login = (body: string | object) =>
  answerTo(url, 'POST /login', [JSON_TYPE], typeof body === 'string' ? body : JSON.stringify(body))

t.test('B1: a body that is not JSON is malformed_json', async (t) => {
  t.match(await login('{"username":'), { status: 400, body: { code: 'malformed_json' } })
  t.match(await login('{"username":"ann","username":"bob","password":"x"}'), {
    status: 400,
    body: { code: 'malformed_json' },
  })
  t.match(await answerTo(url, 'POST /login', [JSON_TYPE, 'Content-Length: 0']), {
    status: 400,
    body: { code: 'malformed_json' },
  })
})

t.test('B3: JSON that is no object is invalid_request', async (t) => {
  for (const body of [
    'null',
    '[]',
    '"x"',
    '1',
    `[{"username":"ann","password":${JSON.stringify(PASSWORD)}}]`,
  ])
    t.match(await login(body), { status: 400, body: { code: 'invalid_request' } }, body)
})

t.test('B4: a missing, empty or null field is named', async (t) => {
  t.match(await login({ username: 'ann' }), {
    status: 400,
    body: { code: 'invalid_request', errors: [{ path: '/password' }] },
  })
  t.match(await login({ username: '', password: 'x' }), { body: { errors: [{ path: '/username' }] } })
  t.match(await login({ username: 'ann', password: null }), {
    body: { errors: [{ path: '/password' }] },
  })
})

t.test('B5: no value is turned into a string', async (t) => {
  for (const username of [1, true, ['ann'], { toString: 'ann' }])
    t.match(await login({ username, password: PASSWORD }), {
      status: 400,
      body: { code: 'invalid_request' },
    })
})

t.test('B6: a field that the call does not take is refused', async (t) => {
  t.match(await login({ username: 'ann', password: PASSWORD, role: 'admin' }), {
    status: 400,
    body: { errors: [{ path: '/role' }] },
  })
})

t.test('B9: names that objects have are names like any other', async (t) => {
  for (const username of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    t.match(await login({ username, password: PASSWORD }), {
      status: 401,
      body: { code: 'invalid_credentials' },
    })
})

t.test('B10: control, bidirectional and zero-width characters are no part of a name', async (t) => {
  for (const character of ['\u0000', '\u0007', '\u0085', '\u007f', '\u202e', '\u200b', '\ufeff', ' '])
    t.match(
      await login({ username: `an${character}n`, password: PASSWORD }),
      { status: 400, body: { code: 'invalid_request' } },
      JSON.stringify(character),
    )
})

t.test('B13: one name is one user, however it is typed, and a look-alike is another', async (t) => {
  for (const username of ['ann', 'ANN', 'ａｎｎ', 'Ann', ' ann', 'ann ', '\tann\n'])
    t.equal((await login({ username, password: PASSWORD })).status, 200, username)
  t.equal((await login({ username: '\u0430nn', password: PASSWORD })).status, 401)
})

t.test('B14: lengths are counted in characters, not in bytes', async (t) => {
  t.equal((await login({ username: '😀'.repeat(254), password: 'x' })).status, 401)
  t.equal((await login({ username: '😀'.repeat(255), password: 'x' })).status, 400)
  t.equal((await login({ username: 'ﷺ'.repeat(4), password: 'x' })).status, 400, 'grows when canonical')
  t.equal((await login({ username: `a${'\u0323'.repeat(253)}`, password: 'x' })).status, 401)
  t.equal((await login({ username: `a${'\u0323'.repeat(253)}x`, password: 'x' })).status, 400)
})

t.test('B15: a long password is refused before it is hashed', async (t) => {
  t.equal((await login({ username: 'ann', password: 'x'.repeat(256) })).status, 401)
  t.equal((await login({ username: 'ann', password: 'x'.repeat(257) })).status, 400)
})

t.test('B16: a body over the limit is refused, a declared one at once', async (t) => {
  const declared = await exchange(
    url,
    request('POST /login', [JSON_TYPE, 'Content-Length: 10000000000']),
    { untilClosed: true },
  )
  t.match(declared, { closed: true, answers: [{ status: 413, body: { code: 'body_too_large' } }] })
  const chunk = `${(9000).toString(16)}\r\n${'x'.repeat(9000)}\r\n0\r\n\r\n`
  const chunked = request('POST /login', [JSON_TYPE, 'Transfer-Encoding: chunked'])
  t.match(await exchange(url, chunked + chunk), { answers: [{ status: 413 }] })
})
