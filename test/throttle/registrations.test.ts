import t from 'tap'
import { Refusal } from '../../src/errors.ts'
import { LIMITS, RETRY } from '../../src/throttle/limits.ts'
import { localCounters } from '../../src/throttle/local.ts'
import { limitRegistrations } from '../../src/throttle/registrations.ts'
import { PASSWORD } from '../support/browser.ts'
import { startService } from '../support/service.ts'

const SECRET = 'a secret that all the instances share'
const made = async () => 'an account'
const TOO_MANY = { code: 'too_many_attempts', headers: { 'retry-after': String(RETRY.wait) } }

t.test('one network makes so many accounts, then one at a time after a wait', async (t) => {
  const limit = limitRegistrations(localCounters(), SECRET)
  const addresses = ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1', '2001:db8::2']
  for (let i = 0; i < LIMITS.registration.free; i++)
    for (const address of [addresses[i % 2], addresses[2 + (i % 2)]]) await limit(address ?? '', made)
  for (const address of addresses) await t.rejects(limit(address, made), TOO_MANY, address)
  t.equal(await limit('192.0.2.2', made), 'an account')
})

t.test('of many at once no more pass than one after the other', async (t) => {
  const limit = limitRegistrations(localCounters(), SECRET)
  const tries = Array.from({ length: LIMITS.registration.free + 20 }, () => limit('192.0.2.1', made))
  const settled = await Promise.allSettled(tries)
  t.equal(settled.filter(({ status }) => status === 'fulfilled').length, LIMITS.registration.free)
})

t.test('what cost no hash does not count, a name that is taken does', async (t) => {
  const limit = limitRegistrations(localCounters(), SECRET)
  const failing = (error: Error) => () => Promise.reject(error)
  for (let i = 0; i < LIMITS.registration.free; i++)
    for (const refusal of [new Refusal('password_too_common'), new Refusal('overloaded')])
      await t.rejects(limit('192.0.2.1', failing(refusal)), { code: refusal.code })
  for (let i = 0; i < LIMITS.registration.free; i++)
    await t.rejects(limit('192.0.2.1', failing(new Refusal('username_taken'))), {
      code: 'username_taken',
    })
  await t.rejects(limit('192.0.2.1', made), TOO_MANY)
})

t.test('whoever goes on gets 429, and can sign in all the same', async (t) => {
  const service = await startService(t, 'sqlite', { env: { TRUST_PROXY: '127.0.0.1' } })
  await service.register('ann')
  const office = service.browser({ 'x-forwarded-for': '192.0.2.1' })
  const join = (i: number) => office.post('/register', { username: `user${i}`, password: PASSWORD })
  for (let i = 0; i < LIMITS.registration.free; i++)
    if ((await join(i)).status !== 201) t.fail(`account ${i} was refused`)
  const { status, body, headers } = await join(LIMITS.registration.free)
  t.match({ status, body }, { status: 429, body: { code: 'too_many_attempts' } })
  t.match(headers.get('retry-after'), /^[1-9]\d*$/)
  t.equal((await office.login('ann')).status, 200)
  const elsewhere = service.browser({ 'x-forwarded-for': '192.0.2.2' })
  t.equal((await elsewhere.post('/register', { username: 'bob', password: PASSWORD })).status, 201)
})

t.test('with THROTTLE=off nobody is slowed down', async (t) => {
  const service = await startService(t, 'sqlite', { env: { THROTTLE: 'off' } })
  for (let i = 0; i < LIMITS.registration.free + 5; i++) {
    const { status } = await service.browser().post('/register', {
      username: `user${i}`,
      password: PASSWORD,
    })
    if (status !== 201) t.fail(`account ${i}: ${status}`)
  }
})
