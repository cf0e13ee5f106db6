import Fastify from 'fastify'
import t from 'tap'
import { connectRedis } from '../../src/database/on-redis.ts'
import type { App } from '../../src/http/types.ts'
import { type RedisPlace, readRedisUrl } from '../../src/settings/redis-url.ts'
import { redisRegister } from '../../src/stores/redis.ts'
import { MINUTE, proofOf, Scene, stateOf } from '../sessions/scene.ts'
import { until } from '../support/until.ts'
import { openFence } from './fence.ts'

const DAYS_30 = 30 * 24 * 60 * MINUTE

t.test('Redis as a store of values', async (t) => {
  const { redis, stores } = await openFence(t)
  const { register } = stores

  t.test(
    'every key has a time to live, to the millisecond, longer than anybody may ask for it',
    async (t) => {
      const scene = await Scene.open(stores)
      const { session } = await scene.login()
      for (const key of await redis.client.keys('*')) {
        const expires = await redis.client.pexpiretime(key)
        t.ok(expires > 0, key)
        if (key.endsWith(scene.user.handle)) t.equal(expires, session.expiresAt + DAYS_30)
      }
      await register.swap('a', null, 'x', register.now() + 1_500.25)
      t.ok((await redis.client.pttl('oneseat:a')) > 1_000, 'a fraction is not cut off')
      await register.swap('b', null, 'x', register.now() - 1)
      t.equal((await register.read('b')).text, null, 'and what is over is over at once')
    },
  )

  t.test('a key of another type counts as gone, and the next login takes its place', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const key = `oneseat:${scene.user.handle}`
    await redis.client.del(key)
    await redis.client.rpush(key, 'not', 'ours')
    t.equal(await scene.here.find(proofOf(claimed)), null)
    t.equal(stateOf(await scene.there.find(proofOf(await scene.login()))), 'live')
  })

  t.test('a value that was cut inside a character counts as gone, and can be replaced', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const key = `oneseat:${scene.user.handle}`
    await redis.client.set(
      key,
      Buffer.concat([Buffer.from('damaged: '), Buffer.from('é').subarray(0, 1)]),
    )
    t.equal(await scene.here.find(proofOf(claimed)), null)
    t.equal(stateOf(await scene.there.find(proofOf(await scene.login()))), 'live')
    const { text } = await register.read(scene.user.handle)
    await redis.client.set(key, Buffer.from([0xff]))
    t.equal(await register.swap(scene.user.handle, text, 'x', register.now() + 1_000), false)
    t.equal(await register.swap(scene.user.handle, '\ufffe', 'x', register.now() + 1_000), false)
    t.equal(await register.swap(scene.user.handle, '\ufffd', 'x', register.now() + 1_000), true)
  })

  t.test('the time is Redis’s, whatever this machine thinks it is', async (t) => {
    const real = Date.now
    t.teardown(() => {
      Date.now = real
    })
    Date.now = () => real() + 10 * MINUTE
    await register.read('')
    const [seconds] = await redis.client.time()
    t.ok(Math.abs(register.now() - Number(seconds) * 1_000) < 2_000)
  })
})

t.test('Redis away', async (t) => {
  const { redis, stores } = await openFence(t)
  const scene = await Scene.open(stores)
  const claimed = await scene.login()
  const away = { code: 'store_unavailable' }
  const isBack = () =>
    stores.register.ping().then(
      () => true,
      () => false,
    )

  t.test('silent, it is given up soon, and asked again when it speaks', async (t) => {
    redis.pause()
    const start = performance.now()
    await t.rejects(scene.here.find(proofOf(claimed)), away)
    await t.rejects(stores.register.ping(), away)
    t.ok(performance.now() - start < 4_000)
    redis.resume()
    await until(isBack)
    t.equal(stateOf(await scene.here.find(proofOf(claimed))), 'live')
  })

  t.test('dead, every verb says so, and nobody is signed out by it', async (t) => {
    const found = await scene.live(claimed)
    await redis.client.save()
    await redis.kill()
    scene.advance(MINUTE)
    await t.rejects(scene.login(), away)
    await t.rejects(scene.here.find(proofOf(claimed)), away)
    await t.rejects(scene.here.extend(found), away)
    await t.rejects(scene.here.release(proofOf(claimed), 'logged_out'), away)
    await redis.start()
    await until(isBack)
    t.equal(stateOf(await scene.here.find(proofOf(claimed))), 'live')
  })
})

t.test('before Redis has ever answered, there is no time', async (t) => {
  const app = Fastify() as unknown as App
  t.teardown(() => app.close())
  const nowhere = await connectRedis(app, readRedisUrl('redis://127.0.0.1:1') as RedisPlace)
  t.throws(() => redisRegister(nowhere).now(), { code: 'store_unavailable' })
})
