import t from 'tap'
import { proofOf, Scene, stateOf } from '../sessions/scene.ts'
import type { SeatStores } from '../support/seat-stores.ts'
import { openFence } from './fence.ts'

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
