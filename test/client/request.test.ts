import t from 'tap'
import { requestsTo } from '../../src/client/request.ts'
import { hastyClock } from '../support/device.ts'

const answering = (response: () => Response) =>
  requestsTo('http://api', async () => response(), true, hastyClock())

t.test('a success gives its body, or nothing', async (t) => {
  t.strictSame(await answering(() => Response.json({ a: 1 }))('GET', '/me'), { a: 1 })
  t.equal(await answering(() => new Response(null, { status: 204 }))('POST', '/logout'), undefined)
})

t.test('a success that is not of the API is an error, as is one that breaks off', async (t) => {
  const page = answering(() => new Response('<h1>Welcome to our hotel</h1>'))
  await t.rejects(page('GET', '/me'), { code: 'unexpected_answer', status: 200 })
  for (const text of ['', 'null', '"ok"'])
    await t.rejects(answering(() => new Response(text))('POST', '/login'), { code: 'unexpected_answer' })
  const body = () =>
    new ReadableStream({
      start: (controller) => controller.error(new Error('broke off')),
    })
  await t.rejects(answering(() => new Response(body()))('GET', '/me'), { code: 'unreachable' })
})

t.test('a body is JSON and says so; the cookie goes along', async (t) => {
  const sent: [string, RequestInit][] = []
  const request = requestsTo(
    'http://api',
    async (url, init) => {
      sent.push([url, init])
      return new Response(null, { status: 204 })
    },
    true,
    hastyClock(),
  )
  await request('POST', '/login', { username: 'ann' })
  await request('GET', '/me')
  t.match(sent, [
    [
      'http://api/login',
      {
        method: 'POST',
        body: '{"username":"ann"}',
        credentials: 'include',
        headers: { 'content-type': 'application/json' },
      },
    ],
    ['http://api/me', { method: 'GET', credentials: 'include' }],
  ])
  t.notOk('headers' in (sent[1]?.[1] ?? {}))
})
