import t from 'tap'
import { BOTH_ENDS, startService } from '../support/service.ts'

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
