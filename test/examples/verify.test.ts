import t from 'tap'
import { makeUser } from '../support/people.ts'
import { startService } from '../support/service.ts'
import { startExample } from './start-example.ts'

for (const file of ['express-verify/app.js', 'python-verify/app.py']) {
  t.test(`${file} asks the service who it is, and whether they may`, async (t) => {
    const service = await startService(t, 'sqlite')
    const url = await startExample(t, file, { ONESEAT_URL: service.url })
    await makeUser(service, 'ann', ['editor'])
    await makeUser(service, 'bob')
    const [ann, phone, bob] = [service.browser(), service.browser(), service.browser()]
    t.match(await ann.copy(url).get('/orders'), { status: 401, body: { code: 'unauthenticated' } })
    await ann.login('ann')
    await bob.login('bob')
    const orders = await ann.copy(url).get('/orders')
    t.equal(orders.status, 200)
    t.match(JSON.stringify(orders.body), /ann/)
    t.match(await ann.copy(url).get('/reports'), { status: 200 })
    t.match(await bob.copy(url).get('/reports'), { status: 403, body: { code: 'forbidden' } })
    await phone.login('ann', { device: 'phone' })
    t.match(await ann.copy(url).get('/orders'), {
      status: 401,
      body: { code: 'session_replaced', replacedBy: { device: { name: 'phone' } } },
    })
    await service.app.close()
    t.equal((await phone.copy(url).get('/orders')).status, 503, 'not 401 while nobody can say')
  })
}
