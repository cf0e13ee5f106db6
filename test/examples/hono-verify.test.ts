import t from 'tap'
import { programBehind } from '../../examples/hono-verify/app.ts'
import { join } from '../support/people.ts'
import { startService } from '../support/service.ts'

t.test('a program in Hono asks who it is, and tells why not', async (t) => {
  const service = await startService(t, 'sqlite')
  const program = programBehind(service.url)
  const ask = async (path: string, cookie: string) => {
    const answer = await program.request(path, { headers: { cookie } })
    return { status: answer.status, body: await answer.json() }
  }
  const { browser } = await join(service, 'ann')
  t.match(await ask('/orders', ''), { status: 401, body: { code: 'unauthenticated' } })
  t.match(await ask('/orders', browser.cookie), { status: 200, body: { of: 'ann' } })
  t.match(await ask('/reports', browser.cookie), { status: 403, body: { code: 'forbidden' } })
  await service.browser().login('ann', { device: 'phone' })
  t.match(await ask('/orders', browser.cookie), {
    status: 401,
    body: { code: 'session_replaced', replacedBy: { device: { name: 'phone' } } },
  })
})
