import t from 'tap'
import { PASSWORD } from './support/browser.ts'
import { join, signIn, standing } from './support/people.ts'
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

t.test('SESSION_LIMIT_BY_ROLE gives whoever has the role its seats', async (t) => {
  const env = { SESSION_LIMIT_BY_ROLE: 'kiosk:2,admin:3' }
  const service = await startService(t, 'sqlite', { env })
  for (const [name, roles, first] of [
    ['ann', [], 'session_replaced'],
    ['kim', ['kiosk'], '200'],
  ] as const) {
    const older = await join(service, name, roles)
    await signIn(service, name)
    t.equal(await standing(older), first)
  }
})
