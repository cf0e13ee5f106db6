import t from 'tap'
import { PASSWORD } from './support/browser.ts'
import { startService } from './support/service.ts'

t.test('before Redis has answered, what happens is told by the clock of this machine', async (t) => {
  const service = await startService(t, 'sqlite', { env: { REDIS_URL: 'redis://127.0.0.1:1' } })
  const before = Date.now()
  const { status, body } = await service
    .browser()
    .post('/register', { username: 'ann', password: PASSWORD })
  t.equal(status, 201)
  t.ok(before <= Date.parse(body.user.createdAt) && Date.parse(body.user.createdAt) <= Date.now())
  t.equal((await service.browser().login('ann')).status, 503)
})
