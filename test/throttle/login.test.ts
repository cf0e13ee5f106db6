import t from 'tap'
import { BRAKES } from '../../src/throttle/throttle.ts'
import { type Answer, Browser, PASSWORD } from '../support/browser.ts'
import { changeUser } from '../support/people.ts'
import { startInstance } from '../support/process.ts'
import { BOTH_ENDS, type Service, startService } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const BEHIND_PROXY = { env: { TRUST_PROXY: '127.0.0.1' } }

/** Offers a wrong password for `username`, `count` times one after the other, from `address`. */
async function fail(service: Service, username: string, count: number, address = '192.0.2.66') {
  const stranger = service.browser({ 'x-forwarded-for': address })
  const answers: Answer[] = []
  for (let i = 0; i < count; i++) answers.push(await stranger.login(username, { password: 'not it' }))
  return answers
}

const statuses = (answers: Answer[]) => answers.map(({ status }) => status)

for (const engine of BOTH_ENDS) {
  t.test(`R-4: who was here before, or is here, does not notice an attack [${engine}]`, async (t) => {
    const service = await startService(t, engine, BEHIND_PROXY)
    await service.register('ann')
    const laptop = service.browser()
    await laptop.login('ann')
    await laptop.post('/logout')
    const phone = service.browser()
    await phone.login('ann')
    await Promise.all(Array.from({ length: 50 }, (_, i) => fail(service, 'ann', 4, `198.51.100.${i}`)))

    t.equal((await phone.get('/me')).status, 200, 'a live session goes on')
    const change = { currentPassword: PASSWORD, newPassword: 'another test, no secrets' }
    t.equal(
      (await phone.request('PUT', '/me/password', change)).status,
      204,
      'and may change the password',
    )
    const again = await laptop.login('ann', { password: change.newPassword })
    t.equal(again.status, 200, 'a known device signs in')

    const elsewhere = () =>
      service
        .browser({ 'x-forwarded-for': '203.0.113.9' })
        .login('ann', { password: change.newPassword })
    const isLetIn = async () => {
      const fresh = await elsewhere()
      if (fresh.status === 429) t.ok(Number(fresh.headers.get('retry-after')) <= BRAKES.name.longest)
      return fresh.status === 200
    }
    await until(isLetIn, 10_000, 100)
  })

  t.test(`fifty right logins of one user at once are not slowed down [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await service.register('ann')
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.browser().login('ann')))
    for (const { status } of answers) t.ok(status === 200 || status === 409, String(status))
  })
}

for (const engine of ['postgres', 'redis'] as const) {
  t.test(`R-7: failures at one instance count at the other [${engine}]`, async (t) => {
    const stores = await sharedStores(t, engine)
    const instances = await Promise.all([1, 2].map(() => startInstance(stores)))
    t.teardown(() => Promise.all(instances.map((instance) => instance.stop())))
    const codes: string[] = []
    for (let i = 0; i < BRAKES.name.free + 2; i++) {
      const browser = new Browser(instances[i % 2]?.url ?? '')
      codes.push((await browser.login('ann', { password: 'not it' })).body.code)
    }
    t.strictSame(codes.slice(-3), ['invalid_credentials', 'too_many_attempts', 'too_many_attempts'])
  })
}

const service = await startService(t, 'sqlite', BEHIND_PROXY)
await service.register('ann')
await service.register('bob')

t.test(
  'R-2, R-9, R-12: a refused attempt is answered alike, right or wrong, known name or not',
  async (t) => {
    t.strictSame(statuses(await fail(service, 'ann', 6, '192.0.2.1')), [401, 401, 401, 401, 401, 429])
    t.strictSame(statuses(await fail(service, 'nobody', 6, '192.0.2.1')), [401, 401, 401, 401, 401, 429])
    const stranger = () => service.browser({ 'x-forwarded-for': '192.0.2.2' })
    const answers = [
      await stranger().login('ann'),
      await stranger().login('ann', { password: 'not it' }),
      await stranger().login('nobody'),
    ]
    for (const { status, headers, body, setCookies } of answers) {
      t.equal(status, 429)
      t.match(headers.get('retry-after'), /^[1-9]\d?$/)
      t.match(headers.get('content-type'), /^application\/problem\+json/)
      t.strictSame(setCookies, [])
      t.strictSame(body, answers[0]?.body)
      t.strictSame([...headers.keys()], [...(answers[0]?.headers.keys() ?? [])])
    }
  },
)

t.test('after the wait the right password is taken', async () => {
  await service.register('eve')
  await fail(service, 'eve', 6, '192.0.2.3')
  const isLetIn = async () =>
    (await service.browser({ 'x-forwarded-for': '192.0.2.4' }).login('eve')).status === 200
  await until(isLetIn, 10_000, 100)
})

t.test('A 6.3.8: an unknown name, a wrong password and a disabled user are told the same', async (t) => {
  await service.register('dan')
  await changeUser(service, 'dan', { disabled: true })
  const answers = [
    ...(await fail(service, 'unheard-of', 1, '192.0.2.5')),
    ...(await fail(service, 'bob', 1, '192.0.2.5')),
    await service.browser({ 'x-forwarded-for': '192.0.2.5' }).login('dan'),
  ]
  for (const { status, headers, body } of answers) {
    t.equal(status, 401)
    t.strictSame(body, answers[0]?.body)
    t.strictSame([...headers.keys()], [...(answers[0]?.headers.keys() ?? [])])
    t.equal(headers.get('content-length'), answers[0]?.headers.get('content-length'))
  }
})

t.test('A 6.2.2, 6.2.3: a wrong current password counts as a failure, of this session', async (t) => {
  const laptop = service.browser()
  await laptop.login('bob')
  const change = { currentPassword: 'not it', newPassword: 'another test, no secrets' }
  const answers: Answer[] = []
  for (let i = 0; i <= BRAKES.device.free; i++)
    answers.push(await laptop.request('PUT', '/me/password', change))
  t.equal(answers[0]?.status, 401)
  t.equal(answers.at(-1)?.status, 429)
  t.equal((await service.browser().login('bob')).status, 200, 'nobody else is slowed down')
})

t.test('R-6: an address that a stranger claims for itself changes nothing', async (t) => {
  const direct = await startService(t, 'sqlite')
  await direct.register('ann')
  for (let i = 0; i < BRAKES.network.free; i += 30) {
    const claims = Array.from({ length: 30 }, (_, j) => ({
      'x-forwarded-for': `203.0.113.${(i + j) % 250}`,
      'x-real-ip': `198.51.100.${(i + j) % 250}`,
    }))
    await Promise.all(claims.map((headers, j) => direct.browser(headers).login(`user${i + j}`)))
  }
  t.equal((await direct.browser({ 'x-forwarded-for': '192.0.2.200' }).login('ann')).status, 429)
})

t.test('R-10: refusals that are not about the password do not count', async (t) => {
  const strict = await startService(t, 'sqlite', { env: { ON_LIMIT: 'ask' } })
  await strict.register('ann')
  await strict.browser().login('ann')
  const foreign = { origin: 'https://evil.example' }
  for (let i = 0; i < 10; i++) {
    t.equal((await strict.browser().login('ann')).status, 409)
    t.equal((await strict.browser(foreign).login('ann')).body.code, 'cross_origin')
    t.equal((await strict.browser().login('ann', { device: '' })).status, 400)
  }
  t.equal((await strict.browser().login('ann')).status, 409)
})

t.test('THROTTLE=off lets everybody try', async (t) => {
  const open = await startService(t, 'sqlite', { env: { THROTTLE: 'off' } })
  t.strictSame(statuses(await fail(open, 'ann', 20)), Array(20).fill(401))
})
