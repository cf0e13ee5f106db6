import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import t from 'tap'
import { timedResponse } from '../../src/http/timed-response.ts'
import { type AnswerTimes, openAnswerTimes } from '../../src/metrics/answer-times.ts'

t.test('an answer that nobody can get any more is none', async (t) => {
  const times = openAnswerTimes()
  const over = Promise.withResolvers<void>()
  const server = createServer({ ServerResponse: timedResponse(times, () => 0) }, (request, response) => {
    if (request.url === '/whole') response.end()
    else
      request.once('close', () => {
        response.writeHead(400).end('too late')
        over.resolve()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write(
    'GET /whole HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123',
  )
  await once(socket, 'data')
  socket.destroy()
  await over.promise
  t.strictSame(await counted(times), [['GET', '', 200, 1]])
})

t.test('an answer takes from the head of its request to its own head, and not to its end', async (t) => {
  let now = 1_000
  const times = openAnswerTimes()
  const server = createServer(
    { ServerResponse: timedResponse(times, () => now) },
    (_request, response) => {
      response.route = '/thing'
      now += 40
      response.writeHead(201)
      now += 5_000
      response.end('done')
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  t.equal((await fetch(`http://127.0.0.1:${port}/`, { method: 'PUT' })).status, 201)
  t.strictSame(await counted(times), [['PUT', '/thing', 201, 1]])
  const sum = (await times.get()).values.find(({ metricName }) => metricName?.endsWith('_sum'))
  t.equal(sum?.value, 0.04)
})

/** Method, route, status and number of all answers that were counted. */
async function counted(times: AnswerTimes): Promise<unknown[]> {
  const { values } = await times.get()
  return values
    .filter(({ metricName }) => metricName?.endsWith('_count'))
    .map(({ labels, value }) => [labels.method, labels.route, labels.status, value])
}
