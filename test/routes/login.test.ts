import t from 'tap'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { changeUser, join, makeUser } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

for (const engine of BOTH_ENDS) {
  t.test(`a login answers with the user, the session and whom it replaced [${engine}]`, async (t) => {
    const service = await startService(t, engine, {
      env: { IDLE_TIMEOUT: '10m', ABSOLUTE_TIMEOUT: '1h' },
    })
    await service.register('ann')
    const before = Date.now()
    const { status, body, headers } = await service
      .browser({ 'user-agent': 'curl/8.5.0' })
      .login('ANN', { device: 'laptop' })
    t.equal(status, 200)
    t.equal(headers.get('cache-control'), 'no-store')
    t.strictSame(Object.keys(body), ['user', 'session', 'replaced'])
    t.match(body.user, { username: 'ann', roles: [] })
    const { session } = body
    t.match(session, {
      id: /^[\w-]{12}$/,
      epoch: 1,
      device: { name: 'laptop', os: null, browser: 'curl' },
      ip: '127.0.0.1',
      current: true,
    })
    const created = Date.parse(session.createdAt)
    t.ok(created >= before - 2_000 && created <= Date.now() + 2_000)
    t.equal(Date.parse(session.idleExpiresAt), created + 600_000)
    t.equal(Date.parse(session.expiresAt), created + 3_600_000)
    t.strictSame(body.replaced, [])
  })

  t.test(
    `a wrong password, an unknown and a disabled user get one and the same answer [${engine}]`,
    async (t) => {
      const service = await startService(t, engine)
      for (const name of ['ann', 'bob']) await service.register(name)
      await changeUser(service, 'bob', { disabled: true })
      const answers = [
        await service.browser().login('ann', { password: 'not the password' }),
        await service.browser().login('nobody'),
        await service.browser().login('bob'),
      ]
      for (const answer of answers) {
        t.strictSame([answer.status, answer.body], [401, answers[0]?.body])
        t.equal(answer.body.code, 'invalid_credentials')
        t.strictSame([...answer.setCookies, ...answer.deviceCookies], [])
      }
    },
  )
}

t.test('where the policy lets nobody go, the answer says who is signed in', async (t) => {
  const service = await startService(t, 'sqlite', { env: { ON_LIMIT: 'ask' } })
  const { session } = await join(service, 'ann')
  const { status, body, setCookies } = await service.browser().login('ann')
  t.match({ status, body }, { status: 409, body: { code: 'session_limit_reached' } })
  t.match(body.sessions, [{ id: session.id, ip: '127.0.0.0/24', current: false }])
  t.strictSame(setCookies, [])
})

t.test('a login stands, though the session of who was there before cannot be ended', async (t) => {
  const service = await startService(t, 'sqlite')
  const { browser } = await join(service, 'ann')
  await makeUser(service, 'bob')
  const ann = browser.copy()
  let claimed = false
  service.watched.around = async (call, work) => {
    if (claimed && call === 'store.read') throw storeUnavailable()
    const result = await work()
    claimed ||= call === 'changes.close'
    return result
  }
  const { status, body, setCookies } = await browser.login('bob')
  service.watched.around = (_call, work) => work()
  t.match({ status, body }, { status: 200, body: { user: { username: 'bob' } } })
  t.equal(setCookies.length, 1)
  t.equal((await browser.get('/me')).body.user.username, 'bob')
  t.equal((await ann.get('/me')).status, 200)
})

t.test('two devices that replace each other all the time have to rest', async (t) => {
  const service = await startService(t, 'sqlite', { env: { KICK_WAR_LIMIT: '2' } })
  await service.register('ann')
  const [one, other] = [service.browser(), service.browser()]
  const answers: { status: number; body: { code?: string } }[] = []
  for (let i = 0; i < 8; i++) answers.push(await (i % 2 === 0 ? one : other).login('ann'))
  t.match(answers.at(-1), { status: 429, body: { code: 'kick_war' } })
  t.equal((await service.browser().login('ann', { device: 'another' })).status, 200)
})
