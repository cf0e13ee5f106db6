import { sql } from 'kysely'
import t from 'tap'
import { queriesFor } from '../../src/database/tables.ts'
import { openFence, Scene, stateOf } from './fence.ts'

t.test('Redis put back in time', async (t) => {
  const { redis, stores, restart } = await openFence(t)

  t.test('a logout is not undone', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await redis.client.save()
    await scene.release(claimed)
    await restart()
    t.match(await scene.here.find(claimed.token), { state: 'ended' })
    t.match(await scene.there.find(claimed.token), { state: 'ended' })
  })

  t.test('a change of password or of roles, and a disabled account, are not undone', async (t) => {
    const changes = {
      password: { credential: true },
      roles: { roles: ['editor'] },
      disabled: { disabled: true },
    }
    for (const [what, change] of Object.entries(changes)) {
      const scene = await Scene.open(stores)
      const claimed = await scene.login()
      await redis.client.save()
      t.ok(await scene.update(change))
      await restart()
      t.match(await scene.here.find(claimed.token), { state: 'ended' }, what)
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
      t.equal(stateOf(await scene.here.find(first.token)), 'session_lost', 'by whom is lost, too')
      t.equal(stateOf(await scene.there.find(lost.token)), 'unknown')
      t.equal(stateOf(await scene.here.find((await scene.login()).token)), 'live')
    },
  )

  t.test(
    'an older login cannot sit down where everything was lost, unless it has the newest number',
    async (t) => {
      const scene = await Scene.open(stores)
      const { reached, release } = scene.hold('raise', 'after')
      const older = scene.login()
      await reached
      const newer = await scene.login({}, scene.there)
      await redis.client.flushall()
      release()
      const claimed = await older // nobody has won against it: who did is lost
      t.ok(claimed.session.epoch > newer.session.epoch)
      t.equal(stateOf(await scene.here.find(newer.token)), 'unknown')
      t.equal(stateOf(await scene.there.find(claimed.token)), 'live')
    },
  )

  t.test('a login that was under way does not write what it read from the server before', async (t) => {
    const scene = await Scene.open(stores)
    const { reached, release } = scene.hold('swap', 'before')
    const slow = scene.login()
    await reached
    await restart()
    release()
    const claimed = await slow
    t.ok(
      scene.calls.filter((call) => call === 'swap').length > 1,
      'refused, though the value is the same',
    )
    t.equal(stateOf(await scene.there.find(claimed.token)), 'live')
  })
})

t.test('Redis restarted with all it had', async (t) => {
  const { redis, stores, restart } = await openFence(t)

  t.test('everybody stays signed in, and SQL is asked once for each', async (t) => {
    const [ann, bob] = [await Scene.open(stores), await Scene.open(stores, { limit: 2 })]
    const sessions = [await ann.login(), await bob.login(), await bob.login()] as const
    await redis.client.save()
    await restart()
    // Which histories there are is asked for now and then, for all users together.
    const asked = () => bob.calls.splice(0).filter((call) => call !== 'list' && call !== 'open')
    t.equal(stateOf(await ann.here.find(sessions[0].token)), 'live')
    for (const session of sessions.slice(1)) {
      asked()
      t.equal(stateOf(await bob.here.find(session.token)), 'live')
      t.strictSame(asked(), session === sessions[1] ? ['read', 'find', 'swap'] : ['read'])
    }
    t.equal(stateOf(await bob.there.find(sessions[1].token)), 'live', 'nor does another instance')
    t.strictSame(asked(), ['read'])
  })

  t.test('the history is taken into use once, and every instance knows its stamp', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const before = await stores.histories.list()
    await redis.client.save()
    await restart()
    t.equal(stateOf(await scene.there.find(claimed.token)), 'live')
    t.equal(stateOf(await scene.here.find(claimed.token)), 'live')
    const after = await stores.histories.list()
    t.equal(after.length, 1)
    t.not(after[0]?.history, before[0]?.history)
    t.not(after[0]?.stamp, before[0]?.stamp)
  })

  t.test('a change of roles before anybody asked signs nobody out', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await redis.client.save()
    await restart()
    await scene.update({ roles: ['editor'] })
    t.match(await scene.there.find(claimed.token), { state: 'live', user: { roles: ['editor'] } })
  })

  t.test('a change of roles that was cut off signs nobody out, and is completed', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const { reached, release } = scene.hold('swap', 'before')
    const cutOff = scene.update({ roles: ['editor'] })
    await reached
    await redis.client.save()
    await restart()
    t.match(await scene.there.find(claimed.token), { state: 'live', user: { roles: ['editor'] } })
    release()
    await cutOff
    t.match(await scene.there.find(claimed.token), { state: 'live', user: { roles: ['editor'] } })
  })

  t.test('a logout that came too late has cost the winner nothing', async (t) => {
    const scene = await Scene.open(stores)
    const loser = await scene.login()
    const { key } = await scene.live(loser)
    const { reached, release } = scene.hold('raise', 'before')
    const late = scene.here.release(key, 'logged_out')
    await reached
    const winner = await scene.login({}, scene.there)
    release()
    t.equal(await late, false)
    await redis.client.save()
    await restart()
    t.equal(stateOf(await scene.here.find(winner.token)), 'live')
  })

  t.test('a login that was refused has cost nobody anything', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await t.rejects(scene.login({ credentialNumber: 99 }), { code: 'invalid_credentials' })
    await redis.client.save()
    await restart()
    t.equal(stateOf(await scene.here.find(claimed.token)), 'live')
  })

  t.test('whoever is no user any more has no session', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await redis.client.save()
    await restart()
    const remove = queriesFor(stores.db).deleteFrom('oneseat_users')
    await stores.db.run(remove.where('id', '=', scene.user.id))
    t.equal(await scene.here.find(claimed.token), null)
  })

  t.test(
    'if SQL was put back in time meanwhile, its numbers go on above all that were used',
    async (t) => {
      const scene = await Scene.open(stores)
      await scene.login()
      const claimed = await scene.login()
      await redis.client.save()
      await restart()
      const putBack = queriesFor(stores.db).updateTable('oneseat_users').set({ number: sql`1` })
      await stores.db.run(putBack.where('id', '=', scene.user.id))
      t.equal(stateOf(await scene.there.find(claimed.token)), 'live')
      t.equal(stateOf(await scene.here.find(claimed.token)), 'live')
      const next = await scene.login()
      t.ok(next.session.epoch > claimed.session.epoch + 1)
    },
  )
})
