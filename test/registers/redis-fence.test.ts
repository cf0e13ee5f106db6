import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openSqlite } from '../../src/accounts/sqlite.ts'
import { connectRedis } from '../../src/connect-redis.ts'
import type { App } from '../../src/http/types.ts'
import { type RedisPlace, readRedisUrl } from '../../src/redis-url.ts'
import { redisRegister } from '../../src/registers/redis.ts'
import { MINUTE, proofOf, Scene, stateOf } from '../sessions/scene.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import type { SeatStores } from '../support/seat-stores.ts'
import { until } from '../support/until.ts'

const DAYS_30 = 30 * 24 * 60 * MINUTE

t.test('Redis put back in time', async (t) => {
  const { redis, stores, restart } = await openFence(t)

  t.test('a logout is not undone', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await redis.client.save()
    await scene.here.release(proofOf(claimed), 'logged_out')
    await restart()
    t.match(await scene.here.find(proofOf(claimed)), { state: 'ended' })
    t.match(await scene.there.find(proofOf(claimed)), { state: 'ended' })
  })

  t.test('a change of password or of roles, and a disabled account, are not undone', async (t) => {
    const { accounts } = stores
    const changes = {
      password: (id: string) => accounts.setPassword(id, 0, 'another'),
      roles: (id: string) => accounts.change(id, { roles: ['editor'] }, 0),
      disabled: (id: string) => accounts.change(id, { disabled: true }, 0),
    }
    for (const [what, change] of Object.entries(changes)) {
      const scene = await Scene.open(stores)
      const claimed = await scene.login()
      await redis.client.save()
      await scene.here.update(scene.user.handle, async () => (await change(scene.user.id)) ?? scene.user)
      await restart()
      t.match(await scene.here.find(proofOf(claimed)), { state: 'ended' }, what)
    }
  })

  t.test(
    'a login that was lost lets in neither itself nor whom it replaced; the next one works',
    async (t) => {
      const scene = await Scene.open(stores)
      const first = await scene.login()
      await redis.client.save()
      const lost = await scene.login()
      await restart()
      t.equal(stateOf(await scene.here.find(proofOf(first))), 'session_replaced')
      t.equal(stateOf(await scene.there.find(proofOf(lost))), 'unknown')
      t.equal(stateOf(await scene.here.find(proofOf(await scene.login()))), 'live')
    },
  )

  t.test('an older login cannot sit down where everything was lost', async (t) => {
    const scene = await Scene.open(stores)
    const { reached, release } = scene.hold('raise', 'after')
    const older = scene.login()
    await reached
    const newer = await scene.login({}, scene.there)
    await redis.client.flushall()
    release()
    await t.rejects(older, { code: 'login_superseded' })
    t.equal(stateOf(await scene.here.find(proofOf(newer))), 'unknown')
    t.equal(stateOf(await scene.here.find(proofOf(await scene.login()))), 'live')
  })
})

t.test('Redis restarted with all it had', async (t) => {
  const { redis, stores, restart } = await openFence(t)

  t.test('everybody stays signed in, and SQL is asked once for each', async (t) => {
    const [ann, bob] = [await Scene.open(stores), await Scene.open(stores, { limit: 2 })]
    const sessions = [await ann.login(), await bob.login(), await bob.login()] as const
    await redis.client.save()
    await restart()
    t.equal(stateOf(await ann.here.find(proofOf(sessions[0]))), 'live')
    for (const session of sessions.slice(1)) {
      bob.calls.length = 0
      t.equal(stateOf(await bob.here.find(proofOf(session))), 'live')
      const once = session === sessions[1] ? ['read', 'findByHandle', 'swap'] : ['read']
      t.strictSame(bob.calls, once)
    }
    bob.calls.length = 0
    t.equal(stateOf(await bob.there.find(proofOf(sessions[1]))), 'live', 'nor does another instance')
    t.strictSame(bob.calls, ['read'])
  })

  t.test('a change of roles before anybody asked signs nobody out', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await redis.client.save()
    await restart()
    const change = () => stores.accounts.change(scene.user.id, { roles: ['editor'] }, 0)
    await scene.here.update(scene.user.handle, async () => (await change()) ?? scene.user)
    t.match(await scene.there.find(proofOf(claimed)), { state: 'live', holder: { roles: ['editor'] } })
  })

  t.test('a logout that came too late has cost the winner nothing', async (t) => {
    const scene = await Scene.open(stores)
    const loser = await scene.login()
    const { reached, release } = scene.hold('raise', 'before')
    const late = scene.here.release(proofOf(loser), 'logged_out')
    await reached
    const winner = await scene.login({}, scene.there)
    release()
    await late
    await redis.client.save()
    await restart()
    t.equal(stateOf(await scene.here.find(proofOf(winner))), 'live')
  })

  t.test('a login that was refused has cost nobody anything', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await t.rejects(scene.login({ credentialEpoch: 99 }), { code: 'invalid_credentials' })
    await redis.client.save()
    await restart()
    t.equal(stateOf(await scene.here.find(proofOf(claimed))), 'live')
  })

  t.test('whoever is no user any more has no session', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await redis.client.save()
    await restart()
    const accounts = { ...stores.accounts, findByHandle: async () => null }
    const without = await Scene.open({ ...stores, accounts })
    t.equal(await without.here.find(proofOf(claimed)), null)
  })

  t.test(
    'if SQL was put back in time meanwhile, its numbers go on above all that were used',
    async (t) => {
      const scene = await Scene.open(stores)
      await scene.login()
      const claimed = await scene.login()
      await redis.client.save()
      await restart()
      const { accounts } = stores
      const forgetful: SeatStores['accounts'] = {
        ...accounts,
        findByHandle: async (handle) => {
          const account = await accounts.findByHandle(handle)
          return account && { ...account, epoch: 1 }
        },
      }
      const later = await Scene.open({ ...stores, accounts: forgetful })
      t.equal(stateOf(await later.here.find(proofOf(claimed))), 'live')
      t.equal(stateOf(await scene.here.find(proofOf(claimed))), 'live')
      const next = await scene.login()
      t.ok(next.session.epoch > claimed.session.epoch + 1)
    },
  )
})

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

/** Redis as the service connects to it, with users in SQL that is never put back. */
async function openFence(t: Test) {
  const redis: TestRedis = await startRedis()
  const { db } = await openSqlite(':memory:')
  const app = Fastify() as unknown as App
  const client = await connectRedis(app, readRedisUrl(redis.url) as RedisPlace)
  const register = redisRegister(client)
  t.teardown(async () => {
    await app.close()
    await db.destroy()
    await redis.stop()
  })
  const isBack = () =>
    register.ping().then(
      () => true,
      () => false,
    )
  await until(isBack)
  return {
    ...{ redis, stores: { register, accounts: sqlAccounts(db) } },
    /** As a crash and a start: what was not saved is gone. */
    async restart() {
      await redis.kill()
      await redis.start()
      await until(isBack)
    },
  }
}
