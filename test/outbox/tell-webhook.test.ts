import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { makeUser, signIn } from '../support/people.ts'
import { startReceiver } from '../support/receiver.ts'
import { ENGINES, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

for (const engine of ENGINES) {
  t.test(`the receiver is told what the timeline has, in order [${engine}]`, async (t) => {
    const receiver = await startReceiver(t)
    const service = await startService(t, engine, { env: receiver.env })
    await makeUser(service, 'ann')
    const laptop = await signIn(service, 'ann', 'laptop')
    const phone = await signIn(service, 'ann', 'phone')
    await service.browser().login('ann', { password: 'a wrong password' })
    const change = { currentPassword: PASSWORD, newPassword: 'another one for the tests' }
    await phone.browser.request('PUT', '/me/password', change)
    const { events } = (await phone.browser.get('/me/timeline')).body
    await until(() => receiver.received.length >= events.length)
    const told = receiver.received
    t.strictSame(
      told.map(({ id }) => id).toSorted(),
      events.map(({ id }: { id: string }) => id).toSorted(),
    )
    const types = (list: { type: string }[]) => list.map(({ type }) => type)
    const isLate = (type: string) => type === 'login_failed' // it is kept a moment after its answer
    t.strictSame(
      types(told).filter((type) => !isLate(type)),
      types(events.toReversed()).filter((type) => !isLate(type)),
    )
    for (const event of events) {
      const { at, type, id, ...more } = event
      const data = { ...more, id, userId: laptop.user.id }
      t.match(
        told.find((each) => each.id === id),
        { type, timestamp: at, data },
      )
    }
    t.match(
      told.find(({ type }) => type === 'session_replaced'),
      {
        data: { sessionId: laptop.session.id, by: { device: { name: 'phone' } }, ip: '127.0.0.0/24' },
      },
    )
    t.notMatch(JSON.stringify(told), new RegExp(PASSWORD))
  })
}

t.test('without a URL nothing is kept', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  t.strictSame(await service.engines.outbox.queue.counts('webhook'), { waiting: 0, dead: 0 })
})
