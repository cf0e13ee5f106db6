import t from 'tap'
import { createFastify } from '../../src/http/server.ts'
import { metricsRoutes } from '../../src/routes/metrics.ts'
import { Browser } from '../support/browser.ts'
import { exchange, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'

t.test('events and errors are counted, and no name is told', async (t) => {
  const service = await startService(t, 'sqlite')
  await service.register('ann')
  const browser = service.browser()
  await browser.login('ann')
  await service.browser().login('ann')
  await browser.get('/me')
  await browser.post('/login', '{')
  await browser.get('/nowhere')
  await browser.request('PUT', '/me')

  const { status, headers, body } = await service.browser().get('/metrics')
  t.equal(status, 200)
  t.match(headers.get('content-type'), /^text\/plain/)
  t.match(body, /^oneseat_events_total\{type="login"\} 2$/m)
  t.match(body, /^oneseat_events_total\{type="session_replaced"\} 1$/m)
  t.match(body, /^oneseat_errors_total\{code="session_replaced"\} 1$/m)
  t.match(body, /^oneseat_errors_total\{code="malformed_json"\} 1$/m)
  t.match(body, /^oneseat_errors_total\{code="not_found"\} 1$/m)
  t.match(body, /^oneseat_errors_total\{code="method_not_allowed"\} 1$/m)
  t.match(body, /^nodejs_eventloop_lag_p99_seconds /m)
  t.notMatch(body, /ann/)
})

t.test(
  'answers are counted by method, route, status and time, and hashes that run and wait',
  async (t) => {
    const service = await startService(t, 'sqlite')
    await service.register('ann')
    const browser = service.browser()
    await browser.login('ann', { password: 'a wrong password' })
    await browser.login('ann')
    for (let i = 0; i < 3; i++) await browser.get('/me')
    await browser.get('/nowhere')
    await browser.request('PURGE', '/me')

    const lines = new Map(
      (await browser.get('/metrics')).body.split('\n').map((line: string) => line.split(/ (?=\S+$)/)),
    )
    const told = (suffix: string, labels: string) =>
      Number(lines.get(`oneseat_request_duration_seconds_${suffix}{${labels}}`))
    t.equal(told('count', 'method="GET",route="/me",status="200"'), 3)
    t.equal(told('count', 'method="POST",route="/login",status="200"'), 1)
    t.equal(told('count', 'method="POST",route="/login",status="401"'), 1)
    t.equal(
      told('count', 'method="GET",route="",status="404"'),
      1,
      'a path that is not there is no label',
    )
    t.equal(told('count', 'method="other",route="/me",status="405"'), 1)
    const bucket = (le: string) => told('bucket', `le="${le}",method="GET",route="/me",status="200"`)
    t.equal(bucket('+Inf'), 3)
    t.equal(bucket('10'), 3, 'each has what is in those before it')
    t.ok(bucket('0.001') <= bucket('0.01'))
    const sum = told('sum', 'method="GET",route="/me",status="200"')
    t.ok(sum > 0 && sum < 30)
    t.equal(lines.get('oneseat_password_hashes{state="running"}'), '0')
    t.equal(lines.get('oneseat_password_hashes{state="waiting"}'), '0')
  },
)

t.test('those who ask at the same time share one answer, and later ones are newer', async (t) => {
  const service = await startService(t, 'sqlite')
  const { text } = service.parts.metrics
  let made = 0
  const counting = {
    ...service.parts.metrics,
    text: () => {
      made += 1
      return text()
    },
  }
  const app = createFastify({ logLevel: 'silent', trustProxy: [] })
  t.teardown(() => app.close())
  await metricsRoutes(app, { metrics: counting })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const { answers } = await exchange(url, request('GET /metrics').repeat(50), { answers: 50 })
  t.equal(answers.length, 50)
  t.equal(made, 1)
  await service.browser().get('/nowhere')
  const later = await new Browser(url).get('/metrics')
  t.match(later.body, /^oneseat_errors_total\{code="not_found"\} 1$/m)
  t.equal(made, 2)
})

t.test('two services in one process count apart', async (t) => {
  const one = await startService(t, 'sqlite')
  const other = await startService(t, 'sqlite')
  await one.register('ann')
  await one.browser().login('ann')
  t.match((await other.browser().get('/metrics')).body, /^oneseat_events_total\{type="login"\} 0$/m)
})
