import type { Test } from 'tap'
import type { SessionStores } from '../../support/session-stores.ts'
import { ids, keyOf, MINUTE, Scene, stateOf } from '../scene.ts'

/** What `update` and `renew` promise on every engine, and what a lowered limit does to sessions that are running. */
export function updateContract(t: Test, stores: SessionStores): void {
  t.test('update: a running session has the new roles at its next look', async (t) => {
    const scene = await Scene.open(stores)
    const session = await scene.login()
    await scene.here.update(scene.user.handle, scene.change({ roles: ['editor'] }))
    t.match(await scene.find(session, scene.there), { state: 'live', user: { roles: ['editor'] } })
  })

  t.test('update: of two changes the later one counts, whichever arrives first', async (t) => {
    const scene = await Scene.open(stores)
    const session = await scene.login()
    const { reached, release } = scene.hold('swap', 'before')
    const earlier = scene.here.update(scene.user.handle, scene.change({ roles: ['editor'] }))
    await reached
    await scene.there.update(scene.user.handle, scene.change({ roles: ['author'] }))
    release()
    await earlier
    t.match(await scene.find(session), { user: { roles: ['author'] } })
  })

  t.test('update: a login under way when roles change gets the new ones', async (t) => {
    const scene = await Scene.open(stores)
    await scene.login()
    const { reached, release } = scene.hold('raise', 'after')
    const claimed = scene.login()
    await reached
    await scene.there.update(scene.user.handle, scene.change({ roles: ['editor'] }))
    release()
    t.strictSame((await claimed).user.roles, ['editor'])
  })

  t.test('update: whoever is disabled or deleted is out, and so is a login under way', async (t) => {
    for (const [set, reason] of [
      [{ disabled: true }, 'user_disabled'],
      [{ deletedAt: 1 }, 'user_deleted'],
    ] as const) {
      const scene = await Scene.open(stores, { limit: 2 })
      const session = await scene.login()
      const { reached, release } = scene.hold('raise', 'after')
      const overtaken = scene.login()
      await reached
      await scene.there.update(scene.user.handle, scene.change(set))
      release()
      await t.rejects(overtaken, { code: 'user_disabled' })
      t.equal(stateOf(await scene.find(session)), reason)
      await t.rejects(scene.login(), { code: 'user_disabled' })
    }
  })

  t.test('update: whoever is enabled again signs in again', async (t) => {
    const scene = await Scene.open(stores)
    const session = await scene.login()
    await scene.here.update(scene.user.handle, scene.change({ disabled: true }))
    await scene.here.update(scene.user.handle, scene.change({ disabled: false }))
    t.equal(stateOf(await scene.find(session)), 'user_disabled')
    t.match(await scene.login(), { kind: 'claimed' })
  })

  t.test('update: a user without sessions, and one who is not there', async (t) => {
    const scene = await Scene.open(stores)
    const user = await scene.here.update(scene.user.handle, scene.change({ roles: ['editor'] }))
    t.match(user, { roles: ['editor'], number: 1 })
    t.equal(await scene.text(), '', 'no record is made for that')
    t.strictSame(await stores.changes.openOf(scene.user.id), [])
    t.equal(await scene.here.update('nobody', async () => null), null)
  })

  t.test('update: what is in SQL reaches the sessions by itself, whatever failed', async (t) => {
    for (const [call, how] of [
      ['swap', 'away'],
      ['swap', 'lost'],
      ['close', 'away'],
    ] as const) {
      const scene = await Scene.open(stores)
      const session = await scene.login()
      scene.break([call], how)
      const change = scene.change({ disabled: true, roles: [] })
      await t.rejects(scene.here.update(scene.user.handle, change), { code: 'store_unavailable' })
      scene.mend()
      scene.closed.length = 0
      await scene.completeLater()
      t.equal(stateOf(await scene.find(session)), 'user_disabled', `${call} ${how}`)
      t.strictSame(await stores.changes.openOf(scene.user.id), [])
      const told = scene.closed.filter(({ userId }) => userId === scene.user.id)
      t.match(told, [{ kind: 'update', did: { ended: [{ reason: 'user_disabled' }] } }], 'and is told')
    }
  })

  t.test(
    'renew: one continues under a new secret, as old as it was; all others have ended',
    async (t) => {
      const scene = await Scene.open(stores, { limit: 3 })
      const [mine, other] = [await scene.login(), await scene.login()]
      scene.advance(5 * MINUTE)
      const renewed = await scene.here.renew(keyOf(mine), scene.change({ credential: true }))
      t.match(renewed?.session, {
        id: mine.session.id,
        createdAt: mine.session.createdAt,
        expiresAt: mine.session.expiresAt,
        lastSeenAt: mine.session.lastSeenAt,
      })
      t.equal(stateOf(await scene.find(renewed)), 'live')
      for (const old of [mine, other]) t.equal(stateOf(await scene.find(old)), 'password_changed')
      const again = scene.change({ credential: true })
      t.equal(await scene.here.renew(keyOf(other), again), null, 'it was not live')
      t.equal(stateOf(await scene.find(renewed)), 'password_changed')
    },
  )

  t.test('renew: a login with the old password never gets past it', async (t) => {
    const scene = await Scene.open(stores, { limit: 3 })
    const { handle, credentialNumber } = scene.user
    const mine = await scene.login()
    const { reached, release } = scene.hold('raise', 'after')
    const overtaken = scene.login({ credentialNumber })
    await reached
    const renewed = await scene.there.renew(keyOf(mine), scene.change({ credential: true }))
    release()
    await t.rejects(overtaken, { code: 'invalid_credentials' })
    t.strictSame(ids(await scene.here.list(handle)), [renewed?.session.id])
  })

  t.test('a login ends what is older than the password, if nothing else did', async (t) => {
    const scene = await Scene.open(stores, { limit: 3 })
    const old = await scene.login()
    await scene.changeInSql({ credential: true }) // and the process died
    t.equal(stateOf(await scene.find(old)), 'live')
    const fresh = await scene.login()
    t.equal(stateOf(await scene.find(old)), 'password_changed')
    t.equal(stateOf(await scene.find(fresh)), 'live')
  })

  t.test('a lowered limit: the oldest logins above it are out at once, and stay out', async (t) => {
    const scene = await Scene.open(stores, { limit: 3 })
    const [first, second, third] = [await scene.login(), await scene.login(), await scene.login()]
    scene.policy = { ...scene.policy, limit: 1 }
    t.match(await scene.find(first), {
      ended: { reason: 'session_replaced', replacedBy: { sessionId: third.session.id } },
    })
    t.equal(stateOf(await scene.find(third)), 'live')
    t.equal(await scene.here.release(keyOf(third), 'logged_out'), true)
    t.equal(stateOf(await scene.find(second)), 'session_replaced')
    scene.policy = { ...scene.policy, limit: 3 }
    t.equal(stateOf(await scene.find(first)), 'session_replaced')
    t.strictSame(await scene.here.list(scene.user.handle), [])
    t.strictSame(scene.expired, [first.session.id, second.session.id])
  })

  t.test('a lowered limit: an old login does not come back when a newer one expires', async (t) => {
    const scene = await Scene.open(stores, { limit: 2 })
    const old = await scene.login()
    scene.advance(MINUTE)
    const newer = await scene.login()
    scene.advance(20 * MINUTE)
    await scene.here.extend(await scene.live(old))
    scene.policy = { ...scene.policy, limit: 1 }
    scene.advance(15 * MINUTE)
    t.equal(stateOf(await scene.find(newer)), 'session_idle')
    t.equal(stateOf(await scene.find(old)), 'session_replaced')
  })
}
