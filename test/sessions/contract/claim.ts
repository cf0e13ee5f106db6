import type { Test } from 'tap'
import { queriesFor } from '../../../src/database/tables.ts'
import type { NumberedUser } from '../../../src/sessions/numbers.ts'
import type { Claimed } from '../../../src/sessions/sessions.ts'
import type { SessionStores } from '../../support/session-stores.ts'
import { ABSOLUTE, IDLE, ids, keyOf, newUser, Scene, stateOf } from '../scene.ts'

/** What `claim` promises on every engine. */
export function claimContract(t: Test, stores: SessionStores): void {
  t.test('claim: the session is live on every instance, and is what the login said', async (t) => {
    const scene = await Scene.open(stores)
    const device = { name: 'Ann’s phone', os: 'Android', browser: 'Firefox' }
    const before = scene.now()
    const claimed = await scene.login({ device, ip: '203.0.113.7' })
    const { session } = claimed
    t.match(session, { device, ip: '203.0.113.7', epoch: 1, lastSeenAt: session.createdAt })
    t.ok(before <= session.createdAt && session.createdAt <= scene.now())
    t.equal(session.idleExpiresAt, session.createdAt + IDLE)
    t.equal(session.expiresAt, session.createdAt + ABSOLUTE)
    t.strictSame(claimed.replaced, [])
    t.strictSame(claimed.user, { id: scene.user.id, roles: [], disabled: false, data: null })
    for (const instance of [scene.here, scene.there])
      t.strictSame(await scene.find(claimed, instance), {
        ...{ state: 'live', session, user: claimed.user, key: keyOf(claimed) },
      })
  })

  t.test('claim: a device may call itself anything', async (t) => {
    const scene = await Scene.open(stores)
    const device = { name: 'a\0b\tc\n', os: null, browser: '\ud83d' }
    const claimed = await scene.login({ device })
    t.match((await scene.live(claimed)).session.device, { name: 'a b c ', browser: '\ufffd' })
  })

  t.test('claim: what the application says of the user comes back with each check', async (t) => {
    const scene = await Scene.open(stores)
    const data = { name: 'Ann\t', list: [1, null], text: '\ud83d\ude00\n' }
    const claimed = await scene.login({ roles: ['editor', 'a,b'], data })
    t.match((await scene.live(claimed)).user, { roles: ['editor', 'a,b'], data })
    const again = await scene.login()
    t.match((await scene.live(again)).user, { roles: ['editor', 'a,b'], data }, 'and stays')
    t.match((await scene.live(await scene.login({ roles: [], data: null }))).user, {
      roles: [],
      data: null,
    })
  })

  t.test('claim: a user whom nobody has seen before is added, once', async (t) => {
    const scene = await Scene.open(stores)
    const odd = `Ann\t\n${scene.user.id} 😀`
    const [one, other] = await Promise.all([
      scene.login({ userId: odd, handle: undefined }),
      scene.login({ userId: odd, handle: undefined }, scene.there),
    ])
    t.equal(keyOf(one).handle, keyOf(other).handle)
    t.equal((await scene.login({ userId: odd, handle: undefined })).user.id, odd)
    t.equal((await scene.here.list(keyOf(one).handle)).length, 1)
  })

  t.test('claim: whom it replaced is out on every instance, and is told by whom', async (t) => {
    const scene = await Scene.open(stores)
    const first = await scene.login()
    const device = { name: 'thief', os: null, browser: null }
    const second = await scene.login({ device, ip: '2001:db8:7:1::9' }, scene.there)
    t.strictSame(second.replaced, [first.session])
    for (const instance of [scene.here, scene.there]) {
      t.match(await scene.find(first, instance), {
        state: 'ended',
        ended: {
          id: first.session.id,
          reason: 'session_replaced',
          at: second.session.createdAt,
          replacedBy: {
            ...{ sessionId: second.session.id, device, ip: '2001:db8:7::/48' },
            at: second.session.createdAt,
          },
        },
      })
      t.equal(stateOf(await scene.find(second, instance)), 'live')
    }
  })

  t.test(
    'claim: of many logins at once one is live, the others were never or are not any more',
    async (t) => {
      for (const wasHere of [false, true]) {
        const scene = await Scene.open(stores)
        if (wasHere) await scene.login()
        const logins = await Promise.allSettled(
          Array.from({ length: 30 }, (_, i) => scene.login({}, i % 2 === 0 ? scene.here : scene.there)),
        )
        const claimed: Claimed[] = []
        for (const login of logins) {
          if (login.status === 'fulfilled') claimed.push(login.value)
          else t.match(login.reason, { code: 'login_superseded' })
        }
        const states = await Promise.all(claimed.map(async (each) => stateOf(await scene.find(each))))
        const newest = claimed.toSorted((a, b) => b.session.epoch - a.session.epoch)[0] as Claimed
        t.strictSame(
          states,
          claimed.map((each) => (each === newest ? 'live' : 'session_replaced')),
        )
        t.equal(new Set(claimed.map((each) => each.session.epoch)).size, claimed.length)
        t.strictSame(await stores.changes.openOf(scene.user.id), [], 'all numbers are accounted for')
      }
    },
  )

  t.test('claim: the order of the logins decides, not that of their arrival', async (t) => {
    const scene = await Scene.open(stores)
    const old = await scene.login()
    const { reached, release } = scene.hold('raise', 'after')
    const earlier = scene.login()
    await reached
    const later = await scene.login({}, scene.there)
    release()
    await t.rejects(earlier, { code: 'login_superseded' })
    t.equal(stateOf(await scene.find(later)), 'live')
    t.strictSame(later.replaced, [old.session])
  })

  t.test('claim: a password that changed since it was verified is not enough', async (t) => {
    const scene = await Scene.open(stores, { limit: 2 })
    const { credentialNumber } = scene.user
    const old = await scene.login({ credentialNumber })
    await scene.here.update(scene.user.handle, scene.change({ credential: true }))
    const fresh = await scene.login()
    await t.rejects(scene.login({ credentialNumber }), { code: 'invalid_credentials' })
    t.equal(stateOf(await scene.find(old)), 'password_changed')
    t.equal(stateOf(await scene.find(fresh)), 'live', 'and it has ended nothing')
    t.strictSame(await stores.changes.openOf(scene.user.id), [], 'its number is used up')
  })

  t.test('claim: who was disabled since has no way in, nor has who is gone', async (t) => {
    const scene = await Scene.open(stores)
    await scene.changeInSql({ disabled: true })
    await t.rejects(scene.login(), { code: 'user_disabled' })
    await t.rejects(scene.login({ handle: 'nobody' }), { code: 'invalid_credentials' })
  })

  t.test('claim: the session of the same browser is replaced, silently and first', async (t) => {
    const scene = await Scene.open(stores, { limit: 2, onLimit: 'refuse', refuseWhileSeen: IDLE })
    const mine = await scene.login()
    const other = await scene.login()
    const again = await scene.login({ presented: mine.token })
    t.strictSame(again.replaced, [])
    t.equal(stateOf(await scene.find(mine)), 'session_replaced')
    t.equal(stateOf(await scene.find(other)), 'live')
    t.match(await scene.claim({ presented: mine.token }), { kind: 'full' }, 'it has ended already')
  })

  t.test('claim: a presented session of another user is not touched', async (t) => {
    const [scene, bobs] = [await Scene.open(stores), await Scene.open(stores)]
    const bob = await bobs.login()
    const ann = await scene.login({ presented: bob.token })
    t.equal(stateOf(await scene.find(bob)), 'live')
    t.equal(stateOf(await scene.find(ann)), 'live')
    await scene.login({ presented: scene.user.handle + bob.token.slice(16) })
    t.equal(stateOf(await scene.find(bob)), 'live')
  })

  t.test('claim: when the policy lets none be replaced, it says which there are', async (t) => {
    const scene = await Scene.open(stores, { limit: 2, onLimit: 'ask' })
    const [first, second] = [await scene.login(), await scene.login()]
    const full = { kind: 'full', sessions: [first.session, second.session] } as const
    t.strictSame(await scene.claim(), full)
    const stranger = await (await Scene.open(stores)).login()
    for (const replace of ['', 'nobody', stranger.session.id])
      t.strictSame(await scene.claim({ replace }), full, `${replace} is none of them`)
    t.strictSame((await scene.login({ replace: second.session.id })).replaced, [second.session])
    t.match(await scene.claim({ replace: second.session.id }), { kind: 'full' }, 'it has ended')
    t.equal(stateOf(await scene.find(first)), 'live')
    t.equal(stateOf(await scene.find(stranger)), 'live')
    t.strictSame(await stores.changes.openOf(scene.user.id), [])
  })

  t.test(
    'claim: with `refuse`, a session that was never used does not stand in the way for long',
    async (t) => {
      const scene = await Scene.open(stores, { onLimit: 'refuse', refuseWhileSeen: IDLE })
      const lost = await scene.login() // and the answer got lost
      t.match(await scene.claim(), { kind: 'full' })
      scene.advance(10_001)
      const used = await scene.login()
      t.strictSame(used.replaced, [lost.session])
      scene.advance(100)
      t.ok(scene.here.isDue(await scene.live(used)), 'the first use is noted')
      await scene.here.extend(await scene.live(used))
      scene.advance(10_001)
      t.match(await scene.claim(), { kind: 'full' })
    },
  )

  t.test(
    'claim: the first login beside a change of the user gets in, with what has changed',
    async (t) => {
      for (const [call, where] of [
        ['raise', 'after'],
        ['swap', 'after'],
      ] as const) {
        const scene = await Scene.open(stores)
        const { reached, release } = scene.hold(call, where)
        const login = scene.login()
        await reached
        await scene.there.update(scene.user.handle, scene.change({ roles: ['editor'] }))
        release()
        const claimed = await login
        t.match(await scene.live(claimed), { user: { roles: ['editor'] } }, `held ${where} ${call}`)
        const other = await Scene.open(stores)
        const held = other.hold(call, where)
        const refused = other.login()
        await held.reached
        await other.there.update(other.user.handle, other.change({ disabled: true }))
        held.release()
        await t.rejects(refused, { code: 'user_disabled' }, `held ${where} ${call}`)
        t.strictSame(await other.here.list(other.user.handle), [])
      }
    },
  )

  t.test('claim: when SQL was put back in time, the next login gets in at the first try', async (t) => {
    const scene = await Scene.open(stores)
    for (let i = 0; i < 3; i++) await scene.login()
    const newest = await scene.login()
    const { handle } = scene.user
    const update = queriesFor(stores.db).updateTable('oneseat_users').set({ number: 1 })
    await stores.db.run(update.where('handle', '=', handle))
    const next = await scene.login()
    t.strictSame(ids(next.replaced), [newest.session.id])
    t.equal(next.session.epoch, newest.session.epoch + 1)
    t.match(await stores.numbers.find({ handle: scene.user.handle }), { number: next.session.epoch })
  })

  t.test('claim: nobody is answered before SQL knows that the login is done', async (t) => {
    const scene = await Scene.open(stores)
    const old = await scene.login()
    scene.break(['close'])
    await t.rejects(scene.login(), { code: 'store_unavailable' })
    scene.mend()
    t.equal(stateOf(await scene.find(old)), 'session_replaced')
    t.match(await stores.changes.openOf(scene.user.id), [{ kind: 'login', number: 2 }])
    t.equal((await scene.login()).replaced.length, 1)
  })

  t.test('claim: also what its roles did, where it was refused', async (t) => {
    const scene = await Scene.open(stores, { onLimit: 'ask' })
    scene.policyFor = (roles) => ({ ...scene.policy, limit: roles.includes('staff') ? 3 : 1 })
    const roles = ['staff']
    const [first, second] = [await scene.login({ roles }), await scene.login({ roles })]
    await scene.login({ roles })
    t.match(await scene.claim({ roles: [] }), { kind: 'full' })
    const told = scene.closed.flatMap(({ did }) => did?.ended ?? [])
    t.match(told, [
      { id: first.session.id, reason: 'session_replaced' },
      { id: second.session.id, reason: 'session_replaced' },
    ])
    t.equal(told.length, 2)
  })

  t.test('claim: what it did is told with the change that is closed', async (t) => {
    const scene = await Scene.open(stores)
    const first = await scene.login({ note: 'first' })
    const second = await scene.login({ note: 'second' })
    t.match(scene.closed, [
      { note: 'first', did: { started: { id: first.session.id }, ended: [] } },
      {
        ...{ note: 'second', kind: 'login', sessionId: second.session.id, number: 2 },
        did: {
          started: { id: second.session.id },
          ended: [{ id: first.session.id, reason: 'session_replaced' }],
        },
      },
    ])
  })

  t.test('claim: a user without a record is a user like any other', async (t) => {
    const user: NumberedUser = await newUser(stores)
    t.match(user, { number: 0, roles: [], disabled: false, deleted: false, data: null })
  })
}
