import t from 'tap'
import { BOTH_ENDS, startService } from '../support/service.ts'

for (const engine of BOTH_ENDS) {
  t.test(`me is the user and the session that ask, and nothing else of them [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await service.register('ann')
    const browser = service.browser()
    const login = await browser.login('ann', { device: 'laptop' })
    const { status, body, headers } = await browser.get('/me')
    t.strictSame([status, headers.get('cache-control')], [200, 'no-store'])
    t.strictSame(body, { user: login.body.user, session: login.body.session })
    t.strictSame(Object.keys(body.user).sort(), ['createdAt', 'id', 'roles', 'username'])
    t.strictSame(Object.keys(body.session), [
      'id',
      'epoch',
      'device',
      'ip',
      'createdAt',
      'lastSeenAt',
      'idleExpiresAt',
      'expiresAt',
      'current',
    ])
  })

  t.test(`me tells when it was last asked, to the minute [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await service.register('ann')
    const browser = service.browser()
    const { session } = (await browser.login('ann')).body
    service.advance(61_000)
    const { body } = await browser.get('/me')
    t.ok(Date.parse(body.session.lastSeenAt) >= Date.parse(session.lastSeenAt) + 61_000)
    t.ok(Date.parse(body.session.idleExpiresAt) >= Date.parse(session.idleExpiresAt) + 61_000)
    t.equal(body.session.expiresAt, session.expiresAt)
  })
}
