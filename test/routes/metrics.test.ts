import t from 'tap'
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

t.test('answers are counted by method, status and time, and hashes that run and wait', async (t) => {
  const service = await startService(t, 'sqlite')
  await service.register('ann')
  const browser = service.browser()
  await browser.login('ann', { password: 'a wrong password' })
  await browser.login('ann')
  for (let i = 0; i < 3; i++) await browser.get('/me')

  const lines = new Map(
    (await browser.get('/metrics')).body.split('\n').map((line: string) => line.split(/ (?=\S+$)/)),
  )
  const told = (suffix: string, labels: string) =>
    Number(lines.get(`oneseat_request_duration_seconds_${suffix}{${labels}}`))
  t.equal(told('count', 'method="GET",status="200"'), 3)
  t.equal(told('count', 'method="POST",status="200"'), 1)
  t.equal(told('count', 'method="POST",status="401"'), 1)
  const bucket = (le: string) => told('bucket', `method="GET",status="200",le="${le}"`)
  t.equal(bucket('+Inf'), 3)
  t.equal(bucket('10'), 3, 'each has what is in those before it')
  t.ok(bucket('0.001') <= bucket('0.01'))
  const sum = told('sum', 'method="GET",status="200"')
  t.ok(sum > 0 && sum < 30)
  t.equal(lines.get('oneseat_password_hashes{state="running"}'), '0')
  t.equal(lines.get('oneseat_password_hashes{state="waiting"}'), '0')
})

t.test('two services in one process count apart', async (t) => {
  const one = await startService(t, 'sqlite')
  const other = await startService(t, 'sqlite')
  await one.register('ann')
  await one.browser().login('ann')
  t.match((await other.browser().get('/metrics')).body, /^oneseat_events_total\{type="login"\} 0$/m)
})
