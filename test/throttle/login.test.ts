import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { LIMITS, LONGEST_WAIT } from '../../src/throttle/limits.ts'
import { type Answer, Browser, PASSWORD } from '../support/browser.ts'
import { changeUser } from '../support/people.ts'
import { startInstance } from '../support/process.ts'
import { BOTH_ENDS, ENGINES, type Service, startService } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'

const BEHIND_PROXY = { env: { TRUST_PROXY: '127.0.0.1' } }

/** Offers a wrong password for `username`, `count` times one after the other, from `address`. */
async function fail(service: Service, username: string, count: number, address = '192.0.2.66') {
  const stranger = service.browser({ 'x-forwarded-for': address })
  const answers: Answer[] = []
  for (let i = 0; i < count; i++) answers.push(await stranger.login(username, { password: 'not it' }))
  return answers
}

/**
 * Lets seconds pass for the counters: by the clock of this process, or by that of Redis, whose slots then end as much earlier.
 */
async function pass(t: Test, service: Service, seconds: number): Promise<void> {
  const { redis } = service
  if (redis === null) {
    mock.timers.enable({ apis: ['Date'], now: Date.now() + seconds * 1000 })
    t.teardown(() => mock.timers.reset())
    return
  }
  for (const key of await redis.client.keys('oneseat:throttle:slot:*'))
    await redis.client.pexpire(key, (await redis.client.pttl(key)) - seconds * 1000)
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
    t.equal((await laptop.login('ann')).status, 200, 'a known device signs in')
    const change = { currentPassword: PASSWORD, newPassword: 'another test, no secrets' }
    const { status } = await laptop.request('PUT', '/me/password', change)
    t.equal(status, 204, 'and may change the password')
    await laptop.post('/logout')
    const again = await laptop.login('ann', { password: change.newPassword })
    t.equal(again.status, 200, 'which leaves it known')

    const elsewhere = () =>
      service
        .browser({ 'x-forwarded-for': '203.0.113.9' })
        .login('ann', { password: change.newPassword })
    const refused = await elsewhere()
    t.equal(refused.status, 429)
    const wait = Number(refused.headers.get('retry-after'))
    t.ok(wait <= LONGEST_WAIT)
    await pass(t, service, wait)
    await fail(service, 'ann', 4, '198.51.100.1')
    t.equal((await elsewhere()).status, 200, 'a fresh device that waits as told signs in')
  })

  t.test(`fifty right logins of one user at once are not slowed down [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await service.register('ann')
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.browser().login('ann')))
    for (const { status } of answers) t.ok(status === 200 || status === 409, String(status))
  })
}

for (const engine of ENGINES) {
  t.test(`R-7: failures at one instance count at the other [${engine}]`, async (t) => {
    const stores = await sharedStores(t, engine)
    const instances = await Promise.all([1, 2].map(() => startInstance(stores)))
    t.teardown(() => Promise.all(instances.map((instance) => instance.stop())))
    const codes: string[] = []
    for (let i = 0; i < LIMITS.name.free + 2; i++) {
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

t.test('after the wait the right password is taken', async (t) => {
  await service.register('eve')
  const [refused] = (await fail(service, 'eve', 6, '192.0.2.3')).slice(-1)
  await pass(t, service, Number(refused?.headers.get('retry-after')))
  const owner = service.browser({ 'x-forwarded-for': '192.0.2.3' })
  t.equal((await owner.login('eve')).status, 200)
})

t.test('after the clock was set back nobody waits for the time that was lost', async (t) => {
  await service.register('fay')
  await fail(service, 'fay', 7, '192.0.2.6')
  mock.timers.enable({ apis: ['Date'], now: Date.now() - 3_600_000 })
  t.teardown(() => mock.timers.reset())
  const owner = service.browser({ 'x-forwarded-for': '192.0.2.6' })
  let waited = 0
  for (let answer = await owner.login('fay'); answer.status === 429; answer = await owner.login('fay')) {
    const wait = Number(answer.headers.get('retry-after'))
    t.ok(wait >= 1 && wait <= LONGEST_WAIT, `${wait} s`)
    waited += wait
    mock.timers.tick(wait * 1000)
  }
  t.ok(waited <= 120, `${waited} s in all`)
})

/** So many wrong passwords from one network, each for another name, until it is blocked. */
async function blockNetwork(address: string, device: string | null): Promise<void> {
  for (let i = 0; i <= LIMITS.network.free; i++)
    await service.parts
      .throttle({ username: `user${i}`, address, device }, async () => ({ verified: false }))
      .catch(() => {})
}

t.test('known devices do not notice that their neighbours guess', async (t) => {
  await service.register('gus')
  const office = { 'x-forwarded-for': '192.0.2.40' }
  const laptop = service.browser(office)
  await laptop.login('gus')
  await laptop.post('/logout')
  await blockNetwork('192.0.2.40', null)
  t.equal((await service.browser(office).login('bob')).status, 429)
  t.equal((await laptop.login('gus')).status, 200)
})

t.test('the known devices of a network have a limit together, too', async (t) => {
  await service.register('kim')
  const laptop = service.browser({ 'x-forwarded-for': '192.0.2.41' })
  await laptop.login('kim')
  await blockNetwork('192.0.2.41', '1')
  t.equal((await laptop.login('kim')).status, 429)
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
  for (let i = 0; i <= LIMITS.device.free; i++)
    answers.push(await laptop.request('PUT', '/me/password', change))
  t.equal(answers[0]?.status, 401)
  t.equal(answers.at(-1)?.status, 429)
  t.equal((await service.browser().login('bob')).status, 200, 'nobody else is slowed down')
})

t.test('R-6: an address that a stranger claims for itself changes nothing', async (t) => {
  const direct = await startService(t, 'sqlite')
  await direct.register('ann')
  for (let i = 0; i < LIMITS.network.free; i += 30) {
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
