import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { openDatabase } from '../support/database.ts'
import { startInstance } from '../support/process.ts'
import { startRedis } from '../support/redis.ts'
import { CHEAP_HASHES, SECRET, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

// SESSION_CACHE=tracked: instances that answer from copies.

t.test('a check that changes nothing asks nobody; what changes something asks the store', async (t) => {
  const service = await startService(t, 'redis', { env: { SESSION_CACHE: 'tracked' } })
  await service.register('ann')
  const { calls } = service.watched
  const laptop = service.browser()
  await laptop.login('ann')
  const readsOf = async (work: () => Promise<{ status: number }>, status: number) => {
    calls.length = 0
    t.equal((await work()).status, status)
    return calls.filter((call) => call === 'register.read').length
  }
  await until(async () => (await readsOf(() => laptop.get('/me'), 200)) === 0)
  t.equal(await readsOf(() => laptop.get('/verify'), 204), 0)
  const change = () => laptop.request('DELETE', '/me/sessions/nobodys')
  t.ok((await readsOf(change, 404)) > 0)

  t.test('who is replaced on the same instance is out at once', async (t) => {
    await service.browser().login('ann')
    t.match(await laptop.get('/me'), { status: 401, body: { code: 'session_replaced' } })
  })

  t.test('and the metrics tell how it goes', async (t) => {
    const { body } = await service.browser().get('/metrics')
    t.match(body, /^oneseat_session_cache_hits [1-9]/m)
    t.match(body, /^oneseat_session_cache_misses [1-9]/m)
    t.match(body, /^oneseat_session_cache_entries \d/m)
    t.match(body, /^oneseat_session_cache_age_seconds 0\.\d/m)
    t.match(body, /^oneseat_session_cache_bound_seconds 0\.1$/m)
  })
})

t.test('who is replaced, logs out or is disabled elsewhere is out on every instance', async (t) => {
  const redis = await startRedis()
  const env = {
    DATABASE_URL: await openDatabase(t),
    REDIS_URL: redis.url,
    SESSION_SECRET: SECRET,
    SESSION_CACHE: 'tracked',
    ...CHEAP_HASHES,
  }
  const here = await startInstance(env)
  const there = await startInstance(env)
  t.teardown(async () => {
    await Promise.all([here.stop(), there.stop()])
    await redis.stop()
  })
  await new Browser(here.url).post('/register', { username: 'ann', password: PASSWORD })
  const signIn = async () => {
    const device = new Browser(here.url)
    await device.login('ann')
    const elsewhere = device.copy(there.url)
    await until(async () => {
      const before = await hits(there.url)
      t.equal((await elsewhere.get('/me')).status, 200)
      return (await hits(there.url)) > before
    })
    return { device, elsewhere }
  }

  const first = await signIn()
  const second = await signIn()
  await until(async () => (await first.elsewhere.get('/me')).status === 401)
  t.match(await first.elsewhere.get('/me'), { body: { code: 'session_replaced' } })
  t.equal((await second.elsewhere.get('/me')).status, 200)
  await second.device.post('/logout')
  await until(async () => (await second.elsewhere.get('/me')).status === 401)
  t.match(await second.elsewhere.get('/me'), { body: { code: 'logged_out' } })
})

t.test('a Redis that does not tell of changes is asked every time, and the log says so', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  await redis.client.acl('SETUSER', 'default', '-client|tracking')
  const env = { SESSION_CACHE: 'tracked', REDIS_URL: redis.url, LOG_LEVEL: 'fatal' }
  const service = await startService(t, 'sqlite', { env })
  const warnings: unknown[] = []
  service.app.log.warn = (line: unknown) => void warnings.push(line)
  await until(() => warnings.length > 0)
  t.match(warnings[0], { event: 'session_cache_off' })
  await service.register('ann')
  const laptop = service.browser()
  await laptop.login('ann')
  await laptop.get('/me')
  service.watched.calls.length = 0
  await laptop.get('/me')
  t.ok(service.watched.calls.includes('register.read'))
  t.match((await laptop.get('/metrics')).body, /^oneseat_session_cache_age_seconds Nan$/im)
})

async function hits(url: string): Promise<number> {
  const { body } = await new Browser(url).get('/metrics')
  return Number(/^oneseat_session_cache_hits (\d+)/m.exec(body)?.[1])
}
