import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { Message } from '../../src/outbox/outbox.ts'
import { webhookSecretProblem, webhookTo, webhookUrlProblem } from '../../src/outbox/webhook.ts'
import { startReceiver, WEBHOOK_SECRET } from '../support/receiver.ts'

const MESSAGE: Message & { id: string } = {
  ...{ id: 'the-id', kind: 'webhook', type: 'login', userId: 'ann' },
  body: JSON.stringify({
    type: 'login',
    timestamp: '2026-11-27T09:00:00.000Z',
    data: { name: 'Zoë ✓' },
  }),
}

t.test('a message comes signed, as Standard Webhooks says', async (t) => {
  const receiver = await startReceiver(t) // which verifies it
  const deliver = webhookTo({ url: receiver.url, secret: WEBHOOK_SECRET, clock: Date.now })
  receiver.answer = (_, _response, { method, url, headers }) => {
    t.match({ method, url }, { method: 'POST', url: '/hook' })
    t.match(headers, {
      'content-type': 'application/json',
      'user-agent': 'oneseat',
      'webhook-id': 'the-id',
    })
  }
  await deliver(MESSAGE, AbortSignal.timeout(5_000))
  t.match(receiver.received, [{ id: 'the-id', type: 'login', data: { name: 'Zoë ✓' } }])
})

t.test('the time and the signature are those of the attempt', async (t) => {
  const { url, seen } = await listen(t, (response) => response.writeHead(200).end())
  const deliver = webhookTo({ url, secret: WEBHOOK_SECRET, clock: () => 1_700_000_000_999 })
  await deliver(MESSAGE, AbortSignal.timeout(5_000))
  t.match(seen[0], { 'webhook-timestamp': '1700000000', 'webhook-signature': /^v1,[A-Za-z0-9+/]{43}=$/ })
})

t.test('any answer but a 2xx has not arrived', async (t) => {
  for (const status of [400, 401, 404, 410, 429, 500, 503]) {
    const { url } = await listen(t, (response) => response.writeHead(status).end('why'))
    await t.rejects(send(url), { message: `answered ${status}` })
  }
  for (const status of [200, 201, 202, 204]) {
    const { url } = await listen(t, (response) => response.writeHead(status).end())
    await t.resolves(send(url))
  }
})

t.test('a redirect is not followed', async (t) => {
  const other = await listen(t, (response) => response.writeHead(204).end())
  for (const status of [301, 302, 303, 307, 308]) {
    const { url } = await listen(t, (response) =>
      response.writeHead(status, { location: other.url }).end(),
    )
    await t.rejects(send(url), { message: `answered ${status}` })
  }
  t.strictSame(other.seen, [])
})

t.test('the body of an answer is not read, however long it is', async (t) => {
  let written = 0
  const { url } = await listen(t, (response) => {
    response.writeHead(200)
    const write = () => {
      while (!response.destroyed && written < 200e6) {
        written += 1e5
        if (!response.write('x'.repeat(1e5))) return response.once('drain', write)
      }
      return response.end()
    }
    write()
  })
  const before = process.memoryUsage().rss
  await t.resolves(send(url))
  t.ok(written < 50e6, `${written} bytes were written`)
  t.ok(process.memoryUsage().rss - before < 100e6)
})

t.test('a receiver that hangs, closes or is not there is given up in time', async (t) => {
  const hanging = await listen(t, () => {})
  await t.rejects(send(hanging.url, 100), { name: 'TimeoutError' })
  const half = await listen(t, (response) => response.writeHead(200).write('half'))
  await t.resolves(send(half.url, 5_000), 'its answer is known')
  const closing = await listen(t, (response) => response.socket?.destroy())
  await t.rejects(send(closing.url), { message: 'fetch failed' })
  await t.rejects(send('http://127.0.0.1:1/'), { message: 'fetch failed' })
})

t.test('a URL and a secret are looked at before anything is sent', async (t) => {
  for (const url of ['http://10.0.0.1:8080/hook?a=b', 'https://hooks.example'])
    t.equal(webhookUrlProblem(url), null, url)
  for (const url of [
    '',
    'hooks.example',
    'ftp://a',
    'file:///etc/passwd',
    'http://',
    'https://me@a/',
    'https://me:pw@a',
  ])
    t.match(webhookUrlProblem(url), /\.$/, url)
  t.equal(webhookSecretProblem(WEBHOOK_SECRET), null)
  const bytes = (count: number) => `whsec_${Buffer.alloc(count, 'x').toString('base64')}`
  for (const secret of [bytes(24), bytes(64)]) t.equal(webhookSecretProblem(secret), null)
  for (const secret of [
    '',
    'whsec_',
    'a secret',
    WEBHOOK_SECRET.slice(6),
    bytes(23),
    bytes(65),
    `${bytes(24)}\n`,
  ])
    t.match(webhookSecretProblem(secret), /\.$/, secret)
})

function send(url: string, patience = 5_000): Promise<void> {
  const deliver = webhookTo({ url, secret: WEBHOOK_SECRET, clock: Date.now })
  return deliver(MESSAGE, AbortSignal.timeout(patience))
}

async function listen(t: Test, answer: (response: ServerResponse) => unknown) {
  const seen: NodeJS.Dict<string | string[]>[] = []
  const server = createServer((request, response) => {
    seen.push(request.headers)
    request.resume()
    response.on('error', () => {})
    answer(response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen }
}
