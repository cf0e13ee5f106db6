import type { Test } from 'tap'
import type { Account } from '../../../src/accounts/accounts.ts'
import type { Claimed } from '../../../src/sessions/sessions.ts'
import type { SeatStores } from '../../support/seat-stores.ts'
import { ABSOLUTE, IDLE, proofOf, Scene, stateOf } from '../scene.ts'

/** What `claim` promises on every engine. */
export function claimContract(t: Test, stores: SeatStores): void {
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
    t.match(claimed.holder, { id: scene.user.id, username: scene.user.username, disabled: false })
    for (const instance of [scene.here, scene.there])
      t.strictSame(await instance.find(proofOf(claimed)), {
        ...{ state: 'live', session, holder: claimed.holder, proof: proofOf(claimed) },
      })
  })

  t.test('claim: whom it replaced is out on every instance, and is told by whom', async (t) => {
    const scene = await Scene.open(stores)
    const first = await scene.login()
    const device = { name: 'thief', os: null, browser: null }
    const second = await scene.login({ device, ip: '2001:db8:7:1::9' }, scene.there)
    t.strictSame(second.replaced, [first.session])
    for (const instance of [scene.here, scene.there]) {
      t.match(await instance.find(proofOf(first)), {
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
      t.equal(stateOf(await instance.find(proofOf(second))), 'live')
    }
  })

  t.test(
    'claim: of many logins at once one is live, the others were never or are not any more',
    async (t) => {
      const scene = await Scene.open(stores)
      const logins = await Promise.allSettled(
        Array.from({ length: 30 }, (_, i) => scene.login({}, i % 2 === 0 ? scene.here : scene.there)),
      )
      const claimed: Claimed[] = []
      for (const login of logins) {
        if (login.status === 'fulfilled') claimed.push(login.value)
        else t.match(login.reason, { code: 'login_superseded' })
      }
      const states = await Promise.all(
        claimed.map(async (each) => stateOf(await scene.here.find(proofOf(each)))),
      )
      const newest = claimed.toSorted((a, b) => b.session.epoch - a.session.epoch)[0] as Claimed
      t.strictSame(
        states,
        claimed.map((each) => (each === newest ? 'live' : 'session_replaced')),
      )
      t.equal(new Set(claimed.map((each) => each.session.epoch)).size, claimed.length)
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
    t.equal(stateOf(await scene.here.find(proofOf(later))), 'live')
    t.strictSame(later.replaced, [old.session])
  })

  t.test('claim: a password that changed since it was verified is not enough', async (t) => {
    const scene = await Scene.open(stores)
    const old = await scene.login()
    await stores.accounts.setPassword(scene.user.id, scene.user.credentialEpoch, 'another')
    await t.rejects(scene.login(), { code: 'invalid_credentials' })
    t.equal(stateOf(await scene.here.find(proofOf(old))), 'live', 'and has ended nothing')
  })

  t.test(
    'claim: an account that was disabled since has no way in, nor has one that is gone',
    async (t) => {
      const scene = await Scene.open(stores)
      await stores.accounts.change(scene.user.id, { disabled: true }, 0)
      await t.rejects(scene.login(), { code: 'invalid_credentials' })
      await t.rejects(scene.login({ userId: 'nobody' }), { code: 'invalid_credentials' })
    },
  )

  t.test('claim: the session of the same browser makes way, silently and first', async (t) => {
    const scene = await Scene.open(stores, { limit: 2, onLimit: 'refuse', refuseWhileSeen: IDLE })
    const mine = await scene.login()
    const other = await scene.login()
    const again = await scene.login({ presented: proofOf(mine) })
    t.strictSame(again.replaced, [])
    t.equal(stateOf(await scene.here.find(proofOf(mine))), 'session_replaced')
    t.equal(stateOf(await scene.here.find(proofOf(other))), 'live')
    t.match(await scene.claim({ presented: proofOf(mine) }), { kind: 'full' }, 'it has ended already')
  })

  t.test('claim: a presented session of somebody else is not touched', async (t) => {
    const [scene, bobs] = [await Scene.open(stores), await Scene.open(stores)]
    const bob = await bobs.login()
    const ann = await scene.login({ presented: proofOf(bob) })
    t.equal(stateOf(await scene.here.find(proofOf(bob))), 'live')
    t.equal(stateOf(await scene.here.find(proofOf(ann))), 'live')
    const borrowed = { ...proofOf(bob), handle: scene.user.handle }
    await scene.login({ presented: borrowed })
    t.equal(stateOf(await scene.here.find(proofOf(bob))), 'live')
  })

  t.test('claim: when every seat is kept, it says who has them and ends nobody', async (t) => {
    const scene = await Scene.open(stores, { limit: 2, onLimit: 'ask' })
    const [first, second] = [await scene.login(), await scene.login()]
    const full = { kind: 'full', sessions: [first.session, second.session] } as const
    t.strictSame(await scene.claim(), full)
    const stranger = await (await Scene.open(stores)).login()
    for (const replace of ['', 'nobody', stranger.session.id])
      t.strictSame(await scene.claim({ replace }), full, `${replace} is none of them`)
    t.strictSame((await scene.login({ replace: second.session.id })).replaced, [second.session])
    t.match(await scene.claim({ replace: second.session.id }), { kind: 'full' }, 'it has ended')
    t.equal(stateOf(await scene.here.find(proofOf(first))), 'live')
    t.equal(stateOf(await scene.there.find(proofOf(stranger))), 'live')
  })

  t.test('claim: when SQL was put back in time, the next login gets in at the first try', async (t) => {
    const scene = await Scene.open(stores)
    for (let i = 0; i < 3; i++) await scene.login()
    const newest = await scene.login()
    let first = true
    const raise = stores.accounts.raise
    const forgetful: SeatStores['accounts'] = {
      ...stores.accounts,
      async raise(userId, above, loginAt) {
        const account = (await raise(userId, above, loginAt)) as Account
        const epoch = first ? Math.max(1, above) + 1 : account.epoch // what SQL gives if it has only number 1
        first = false
        return { ...account, epoch }
      },
    }
    const rolledBack = await Scene.open({ ...stores, accounts: forgetful })
    const { id, handle } = scene.user
    const next = await rolledBack.login({ userId: id, handle })
    t.strictSame(
      next.replaced.map((session) => session.id),
      [newest.session.id],
    )
  })
}
