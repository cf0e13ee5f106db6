import t from 'tap'
import { cookieOf } from '../support/record-of.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

for (const engine of BOTH_ENDS) {
  t.test(`a logout ends the session it comes with, and no other [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { SESSION_LIMIT: '2' } })
    await service.register('ann')
    const [laptop, phone] = [service.browser(), service.browser()]
    for (const browser of [laptop, phone]) await browser.login('ann')
    const kept = laptop.copy()
    const { status, body, headers } = await laptop.post('/logout')
    t.strictSame([status, body, headers.get('cache-control')], [204, '', 'no-store'])
    t.throws(() => cookieOf(laptop))
    t.match(await kept.get('/me'), { status: 401, body: { code: 'logged_out' } })
    t.equal((await phone.get('/me')).status, 200)
  })

  t.test(
    `a logout without a session, with a dead or a made-up cookie is no error [${engine}]`,
    async (t) => {
      const service = await startService(t, engine)
      await service.register('ann')
      const browser = service.browser()
      await browser.login('ann')
      const twice = browser.copy()
      const forged = service.browser()
      forged.jar.set('oneseat', 'made.up.entirely')
      for (const each of [browser, twice, forged, service.browser()])
        t.equal((await each.post('/logout')).status, 204)
    },
  )
}
