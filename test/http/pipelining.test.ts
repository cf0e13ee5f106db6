import t from 'tap'
import { exchange, openSocket, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

t.test('requests that arrive together are answered in their order', async (t) => {
  const { url } = await startService(t, 'sqlite')
  const bytes = Array.from({ length: 100 }, (_, i) =>
    request(`GET /${i % 2 === 0 ? 'health/live' : 'me'}`),
  )
  const { answers, closed } = await exchange(url, bytes.join(''), { answers: 100 })
  t.notOk(closed)
  t.strictSame(
    answers.map(({ status }) => status),
    bytes.map((_, i) => (i % 2 === 0 ? 200 : 401)),
  )
})

t.test('a connection with too many at once is ended, and the rest is not done', async (t) => {
  let done = 0
  const service = await startService(t, 'sqlite', {
    extend: async (app) => {
      app.get('/count', { config: { access: 'public' } }, async () => {
        done++
        return {}
      })
    },
  })
  const { closed } = await exchange(service.url, request('GET /count').repeat(1_200), {
    untilClosed: true,
  })
  t.ok(closed)
  t.ok(done <= 513, `${done}`)
  t.match(await exchange(service.url, request('GET /count')), { answers: [{ status: 200 }] })
})

t.test('a connection that always has some requests under way goes on for ever', async (t) => {
  const { url } = await startService(t, 'sqlite')
  const socket = await openSocket(url)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  const answered = () => text.split('HTTP/1.1 200').length - 1
  for (let sent = 0; sent < 1_000; sent += 20) {
    socket.write(request('GET /health/live').repeat(20))
    await until(() => answered() > sent - 20) // the last ones have no answer yet
  }
  await until(() => answered() === 1_000)
  socket.destroy()
})

t.test('who asks for a large file over and over and never reads it costs no memory', async (t) => {
  const service = await startService(t, 'sqlite')
  const before = process.memoryUsage().rss
  const deaf = await openSocket(service.url)
  deaf.on('error', () => {}).pause()
  deaf.write(request('GET /docs/swagger-ui-bundle.js').repeat(500))
  const { body } = await service.browser().get('/metrics')
  t.match(body, /route="\/docs\/swagger-ui-bundle.js",status="200"\} 500$/m)
  const more = (process.memoryUsage().rss - before) / 2 ** 20
  t.ok(more < 150, `${more.toFixed(0)} MB`)
  deaf.destroy()
})
