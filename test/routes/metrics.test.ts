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

  const { status, headers, body } = await service.browser().get('/metrics')
  t.equal(status, 200)
  t.match(headers.get('content-type'), /^text\/plain/)
  t.match(body, /^oneseat_events_total\{type="login"\} 2$/m)
  t.match(body, /^oneseat_events_total\{type="session_replaced"\} 1$/m)
  t.match(body, /^oneseat_errors_total\{code="session_replaced"\} 1$/m)
  t.match(body, /^oneseat_errors_total\{code="malformed_json"\} 1$/m)
  t.match(body, /^nodejs_eventloop_lag_p99_seconds /m)
  t.notMatch(body, /ann/)
})

t.test('two services in one process count apart', async (t) => {
  const one = await startService(t, 'sqlite')
  const other = await startService(t, 'sqlite')
  await one.register('ann')
  await one.browser().login('ann')
  t.notMatch((await other.browser().get('/metrics')).body, /type="login"/)
})
