import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import t from 'tap'
import { timedResponse } from '../../src/http/timed-response.ts'
import { AnswerTimes, BOUNDS } from '../../src/metrics/answer-times.ts'

t.test('an answer that nobody can get any more is none', async (t) => {
  const times = new AnswerTimes()
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
  t.match(times.all(), [{ method: 'GET', status: 200 }])
  t.equal(times.all().length, 1)
})

t.test('an answer takes from the head of its request to its own head, and not to its end', async (t) => {
  let now = 1_000
  const times = new AnswerTimes()
  const server = createServer(
    { ServerResponse: timedResponse(times, () => now) },
    (_request, response) => {
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
  const counts = [...BOUNDS, Number.POSITIVE_INFINITY].map((bound) => (bound === 0.05 ? 1 : 0))
  t.strictSame(times.all(), [{ method: 'PUT', status: 201, counts, seconds: 0.04 }])
})
