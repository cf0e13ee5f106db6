import { connect } from 'node:net'
import t from 'tap'
import { closedLatch } from '../support/latch.ts'
import { startService } from '../support/service.ts'
import { slowRoutes } from '../support/slow.ts'
import { until } from '../support/until.ts'

t.test('a connection whose answer was under way at the stop ends with that answer', async (t) => {
  const latch = closedLatch()
  const service = await startService(t, 'sqlite', { extend: slowRoutes(latch.pass) })
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
  let text = ''
  const ended = new Promise((done) => {
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.once('close', done)
  })
  socket.write('POST /slow-change HTTP/1.1\r\nHost: oneseat.test\r\n\r\n')
  await latch.arrived
  const asked = performance.now()
  const closed = service.app.close()
  await until(() => !service.app.server.listening)
  latch.open()
  await ended
  t.ok(performance.now() - asked < 3_000, 'and not when the patience of the stop is over')
  t.match(text, /^HTTP\/1.1 200 /)
  await t.resolves(closed)
})
