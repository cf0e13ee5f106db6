import t from 'tap'
import { ENGINES, startService } from '../support/service.ts'

for (const engine of ENGINES) {
  t.test(
    `a new login takes the seat, and the older device is told by whom and when [${engine}]`,
    async (t) => {
      const service = await startService(t, engine)
      await service.register('ann')
      const laptop = service.browser()
      const phone = service.browser()
      const first = await laptop.login('ann', { device: 'laptop' })
      t.equal(first.status, 200)
      t.equal((await laptop.get('/me')).status, 200)

      const second = await phone.login('ann', { device: 'phone' })
      t.match(second.body.replaced, [{ id: first.body.session.id, device: { name: 'laptop' } }])

      const kicked = await laptop.get('/me')
      t.equal(kicked.status, 401)
      t.match(kicked.body, {
        code: 'session_replaced',
        replacedBy: { device: { name: 'phone' }, ip: '127.0.0.0/24', at: second.body.session.createdAt },
      })
      t.equal((await phone.get('/me')).status, 200)
    },
  )
}
