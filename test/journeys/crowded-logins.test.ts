import { mock } from 'node:test'
import t from 'tap'
import { LIMITS, RETRY } from '../../src/throttle/limits.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

/** Hashes that take some milliseconds, one at a time. */
const SLOW = { ARGON2_MEMORY_KIB: '4096', ARGON2_PASSES: '2', HASH_CONCURRENCY: '1' }

for (const THROTTLE of ['on', 'off'])
  t.test(
    `eighty logins at once to one account are in nobody’s way [THROTTLE=${THROTTLE}]`,
    async (t) => {
      const service = await startService(t, 'sqlite', { env: { ...SLOW, THROTTLE } })
      const names = ['hog', ...Array.from({ length: 12 }, (_, i) => `user${i}`)]
      for (const name of names) await service.register(name)
      const login = async (name: string) => {
        const { status, body } = await service.browser().login(name)
        return status === 503 ? body.code : status
      }
      const many = Array.from({ length: 80 }, () => login('hog'))
      const others = await Promise.all(names.slice(1).map(login))
      t.strictSame(others, Array(12).fill(200), 'each of the others gets in')
      for (const answer of new Set(await Promise.all(many)))
        t.ok([200, 409, 'overloaded'].includes(answer), `${answer}`)
    },
  )

t.test(
  'in a flood of strangers known devices get in, and nobody’s attempt counts in vain',
  async (t) => {
    const service = await startService(t, 'sqlite', {
      // So slow that no place in the queue gets free while the others arrive.
      env: { ...SLOW, ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '6', TRUST_PROXY: '127.0.0.1' },
    })
    await service.register('ann')
    const laptop = service.browser({ 'x-forwarded-for': '192.0.2.1' })
    await laptop.login('ann')
    const stranger = service.browser({ 'x-forwarded-for': '192.0.2.2' })
    const wrongs = Array.from({ length: LIMITS.name.free + 1 }, () =>
      stranger.login('ann', { password: 'not it' }),
    )
    await Promise.all(wrongs)
    t.teardown(() => mock.timers.reset())
    mock.timers.enable({ apis: ['Date'], now: Date.now() + RETRY.wait * 1000 }) // it may try again now
    const flood = Array.from({ length: 120 }, (_, i) =>
      service.browser({ 'x-forwarded-for': `198.51.100.${i}` }).login(`nobody${i}`),
    )
    await until(() => service.parts.passwords.counts().waiting === 64)
    const [known, ...unknown] = await Promise.all([
      laptop.login('ann'),
      ...Array.from({ length: 10 }, () => stranger.login('ann', { password: 'not it' })),
    ])
    t.equal(known.status, 200)
    const refused = unknown.filter(({ status, body }) => status === 503 && body.code === 'overloaded')
    t.ok(refused.length >= 8, 'a place may have become free meanwhile')
    await Promise.all(flood)
    const { status } = await stranger.login('ann')
    t.equal(status, refused.length === unknown.length ? 200 : status, 'who was refused still may')
  },
)
