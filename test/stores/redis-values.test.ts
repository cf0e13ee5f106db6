import Fastify from 'fastify'
import t from 'tap'
import { connectRedis } from '../../src/database/on-redis.ts'
import type { App } from '../../src/http/types.ts'
import { type RedisPlace, readRedisUrl } from '../../src/settings/redis-url.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { isReady, until } from '../support/until.ts'
import { MINUTE, openFence, Scene, stateOf } from './fence.ts'

const DAYS_30 = 30 * 24 * 60 * MINUTE

t.test('Redis as a store of values', async (t) => {
  const { redis, stores } = await openFence(t)
  const { store } = stores

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
      const put = async (handle: string, keepUntil: number) =>
        store.swap(handle, await store.read(handle), 'x', keepUntil)
      await put('a', store.now() + 1_500.25)
      t.ok((await redis.client.pttl('oneseat:a')) > 1_000, 'a fraction is not cut off')
      await put('b', store.now() - 1)
      t.equal((await store.read('b')).text, null, 'and what is over is over at once')
    },
  )

  t.test('a key of another type counts as gone, and the next login takes its place', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const key = `oneseat:${scene.user.handle}`
    await redis.client.del(key)
    await redis.client.rpush(key, 'not', 'ours')
    t.equal(await scene.here.find(claimed.token), null)
    t.equal(stateOf(await scene.there.find((await scene.login()).token)), 'live')
  })

  t.test('a value that was cut inside a character counts as gone, and can be replaced', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const key = `oneseat:${scene.user.handle}`
    await redis.client.set(
      key,
      Buffer.concat([Buffer.from('damaged: '), Buffer.from('é').subarray(0, 1)]),
    )
    t.equal(await scene.here.find(claimed.token), null)
    t.equal(stateOf(await scene.there.find((await scene.login()).token)), 'live')
    const { handle } = scene.user
    const before = await store.read(handle)
    await redis.client.set(key, Buffer.from([0xff]))
    const swapFrom = (text: string | null) =>
      store.swap(handle, { ...before, text }, 'x', store.now() + 1_000)
    t.equal(await swapFrom(before.text), false)
    t.equal(await swapFrom('\ufffe'), false)
    t.equal(await swapFrom('\ufffd'), true)
  })

  t.test('the time is Redis’s, whatever this machine thinks it is', async (t) => {
    const real = Date.now
    t.teardown(() => {
      Date.now = real
    })
    Date.now = () => real() + 10 * MINUTE
    await store.read('')
    const [seconds] = await redis.client.time()
    t.ok(Math.abs(store.now() - Number(seconds) * 1_000) < 2_000)
  })
})

t.test('Redis away', async (t) => {
  const { redis, stores } = await openFence(t)
  const scene = await Scene.open(stores)
  const claimed = await scene.login()
  const away = { code: 'store_unavailable' }

  t.test('silent, it is given up soon, and asked again when it speaks', async (t) => {
    redis.pause()
    const start = performance.now()
    await t.rejects(scene.here.find(claimed.token), away)
    await t.rejects(stores.store.ping(), away)
    t.ok(performance.now() - start < 4_000)
    redis.resume()
    await until(() => isReady(stores.store))
    t.equal(stateOf(await scene.here.find(claimed.token)), 'live')
  })

  t.test('dead, every verb says so, and nobody is signed out by it', async (t) => {
    const found = await scene.live(claimed)
    await redis.client.save()
    await redis.kill()
    scene.advance(MINUTE)
    await t.rejects(scene.login(), away)
    await t.rejects(scene.here.find(claimed.token), away)
    await t.rejects(scene.here.extend(found), away)
    await t.rejects(scene.here.release(found.key, 'logged_out'), away)
    await redis.start()
    await until(() => isReady(stores.store))
    t.equal(stateOf(await scene.here.find(claimed.token)), 'live')
  })
})

t.test('before Redis has ever answered, there is no time', async (t) => {
  const app = Fastify() as unknown as App
  t.teardown(() => app.close())
  const nowhere = await connectRedis(app, readRedisUrl('redis://127.0.0.1:1') as RedisPlace)
  t.throws(() => redisStore(nowhere).now(), { code: 'store_unavailable' })
})
