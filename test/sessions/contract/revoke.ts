import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { newHandle } from '../../../src/sessions/token.ts'
import type { SessionStores } from '../../support/session-stores.ts'
import { ids, MINUTE, Scene, stateOf } from '../scene.ts'

/** What `list`, `revoke`, `settle` and `dispute` promise on every engine. */
export function revokeContract(t: Test, stores: SessionStores): void {
  t.test('list: the live ones, newest first; nothing for a user who never signed in', async (t) => {
    const scene = await Scene.open(stores, { limit: 3 })
    const { handle } = scene.user
    t.strictSame(await scene.here.list(handle), [])
    const first = await scene.login()
    scene.advance(20 * MINUTE)
    const second = await scene.login()
    t.strictSame(ids(await scene.here.list(handle)), [second.session.id, first.session.id])
    scene.advance(15 * MINUTE)
    t.strictSame(ids(await scene.here.list(handle)), [second.session.id], 'one was idle too long')
  })

  t.test('revoke: one by its public id, and only one that is live', async (t) => {
    const scene = await Scene.open(stores, { limit: 2 })
    const { handle } = scene.user
    const [first, second] = [await scene.login(), await scene.login()]
    const ended = await scene.here.revoke(handle, first.session.id, 'session_revoked')
    t.strictSame(ids(ended), [first.session.id])
    t.equal(stateOf(await scene.find(first)), 'session_revoked')
    t.equal(stateOf(await scene.find(second)), 'live')
    t.strictSame(await scene.here.revoke(handle, first.session.id, 'logged_out'), [])
    t.strictSame(await scene.here.revoke(handle, 'nobody', 'logged_out'), [])
    t.strictSame(await scene.here.revoke(newHandle(randomBytes), null, 'logged_out'), [])
    t.equal(stateOf(await scene.find(first)), 'session_revoked')
  })

  t.test('revoke: all of a user; a login that is under way comes after it', async (t) => {
    const scene = await Scene.open(stores, { limit: 2 })
    const { handle } = scene.user
    const [first, second] = [await scene.login(), await scene.login()]
    const { reached, release } = scene.hold('raise', 'after')
    const slow = scene.login()
    await reached
    const ended = await scene.there.revoke(handle, null, 'session_revoked')
    t.strictSame(ids(ended), [first.session.id, second.session.id])
    release()
    const { session } = await slow
    t.strictSame(ids(await scene.here.list(handle)), [session.id])
  })

  t.test('settle: what expired is stored, and told once', async (t) => {
    const scene = await Scene.open(stores, { limit: 2 })
    const [first, second] = [await scene.login(), await scene.login()]
    scene.advance(31 * MINUTE)
    const [one, other] = [await scene.ended(first), await scene.ended(second)]
    t.match(one, { ended: { reason: 'session_idle' }, stored: false })
    await Promise.all([one, other, one].map((ended) => scene.here.settle(ended)))
    t.match(await scene.find(first), { ended: { reason: 'session_idle' }, stored: true })
    t.strictSame(scene.expired.toSorted(), [first.session.id, second.session.id].toSorted())
  })

  t.test(
    'dispute: the session that replaced this one ends, whatever its secret is by now',
    async (t) => {
      const scene = await Scene.open(stores)
      const victim = await scene.login()
      const { key } = await scene.live(await scene.login())
      const thief = await scene.here.renew(key, scene.change({ credential: true }))
      const replaced = await scene.ended(victim)
      t.match(await scene.here.dispute(replaced), [{ id: thief?.session.id }])
      t.equal(stateOf(await scene.find(thief)), 'session_disputed')
      await scene.login()
      t.equal(await scene.here.dispute(replaced), null, 'it has ended already')
      t.equal((await scene.here.list(key.handle)).length, 1)
    },
  )

  t.test('dispute: and so do all that began since, and none that was there before', async (t) => {
    const scene = await Scene.open(stores, { limit: 3 })
    const victim = await scene.login()
    scene.advance(MINUTE)
    const owner = await scene.login()
    const other = await scene.login()
    scene.advance(MINUTE)
    const thief = await scene.login()
    const { key } = await scene.live(thief)
    await scene.here.release(key, 'logged_out')
    scene.advance(MINUTE)
    const again = await scene.login()
    const ended = await scene.here.dispute(await scene.ended(victim))
    t.strictSame(
      ended?.map(({ id }) => id),
      [again.session.id],
    )
    t.equal(stateOf(await scene.find(again)), 'session_disputed')
    for (const each of [owner, other]) t.equal(stateOf(await scene.find(each)), 'live')
  })

  t.test('dispute: with a change of the user, which is done though nobody is left', async (t) => {
    const scene = await Scene.open(stores)
    const victim = await scene.login()
    const { key } = await scene.live(await scene.login())
    await scene.here.release(key, 'logged_out')
    const replaced = await scene.ended(victim)
    t.equal(await scene.here.dispute(replaced, null, scene.change({ roles: ['disputed'] })), null)
    t.match((await scene.live(await scene.login())).user, { roles: ['disputed'] })
  })
}
