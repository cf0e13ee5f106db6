import t from 'tap'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

for (const engine of BOTH_ENDS) {
  t.test(`POST /me/touch is a use of the session [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { IDLE_TIMEOUT: '10m' } })
    await service.register('ann')
    const laptop = service.browser()
    await laptop.login('ann')
    for (let i = 0; i < 3; i++) {
      service.advance(9 * 60_000)
      const { status, body } = await laptop.post('/me/touch')
      t.strictSame({ status, body }, { status: 204, body: '' })
    }
    t.equal((await laptop.get('/me')).status, 200)
    service.advance(10 * 60_000)
    t.match(await laptop.post('/me/touch'), { status: 401, body: { code: 'session_idle' } })
  })
}

t.test('it is for a session only', async (t) => {
  const service = await startService(t, 'sqlite')
  t.match(await service.browser().post('/me/touch'), { status: 401, body: { code: 'unauthenticated' } })
})

t.test('while SQL is away no deadline moves, and nobody is told that it did', async (t) => {
  let away = false
  const service = await startService(t, 'redis', {
    env: { IDLE_TIMEOUT: '10m' },
    wrap: (engines) => {
      const { numbers } = engines.numbers
      const find: typeof numbers.find = async (user) => {
        if (away) throw storeUnavailable(new Error('SQL is away'))
        return numbers.find(user)
      }
      return { ...engines, numbers: { ...engines.numbers, numbers: { ...numbers, find } } }
    },
  })
  await service.register('ann')
  const laptop = service.browser()
  await laptop.login('ann')
  service.advance(9.5 * 60_000)
  away = true
  t.match(await laptop.post('/me/touch'), { status: 503, body: { code: 'store_unavailable' } })
  t.equal((await laptop.get('/me')).status, 200, 'the session is as it was')
  away = false
  await until(async () => (await laptop.post('/me/touch')).status === 204)
  service.advance(9 * 60_000)
  t.equal((await laptop.get('/me')).status, 200)
})
