import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Account } from '../../src/accounts/accounts.ts'
import { ENDED_KEPT, ENDED_KEPT_FOR } from '../../src/sessions/record.ts'
import type { Claimed, Live } from '../../src/sessions/sessions.ts'
import { newHandle } from '../../src/sessions/token.ts'
import { ABSOLUTE, IDLE, MINUTE, proofOf, Scene, type Stores, stateOf } from './scene.ts'

/** What `claim`, `find`, `extend` and `release` promise on every engine, in the order of their comments. */
export function sessionsContract(t: Test, stores: Stores): void {
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
    const forgetful: Stores['accounts'] = {
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

  t.test('find: nobody’s secret, nobody’s handle and somebody else’s are nothing', async (t) => {
    const scene = await Scene.open(stores)
    const proof = proofOf(await scene.login())
    const bob = proofOf(await (await Scene.open(stores)).login())
    for (const presented of [
      { ...proof, secretHash: 'x'.repeat(43) },
      { ...proof, handle: newHandle(randomBytes) },
      { ...proof, handle: bob.handle },
      { handle: '', secretHash: '' },
    ])
      t.equal(await scene.here.find(presented), null)
  })

  t.test('find: one read, and not a word to SQL', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    scene.calls.length = 0
    await scene.here.find(proofOf(claimed))
    t.strictSame(scene.calls, ['read'])
  })

  t.test('find: unused, it lives until its idle deadline and not at it', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await until(scene, claimed.session.idleExpiresAt - MINUTE)
    t.equal(stateOf(await scene.here.find(proofOf(claimed))), 'live')
    scene.advance(MINUTE)
    t.match(await scene.here.find(proofOf(claimed)), {
      ended: { reason: 'session_idle', at: claimed.session.idleExpiresAt, replacedBy: null },
    })
  })

  t.test('find: used all the time, it lives until its absolute deadline and not at it', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    for (let use = claimed.session.createdAt; use < claimed.session.expiresAt; use += IDLE / 2) {
      await until(scene, use)
      t.equal((await scene.here.extend(await scene.live(claimed)))?.state, 'live')
    }
    await until(scene, claimed.session.expiresAt)
    t.match(await scene.here.find(proofOf(claimed)), {
      ended: { reason: 'session_expired', at: claimed.session.expiresAt },
    })
  })

  t.test('find: an ending is told for 30 days', async (t) => {
    const scene = await Scene.open(stores)
    const first = await scene.login()
    await scene.login()
    scene.advance(ENDED_KEPT_FOR - MINUTE)
    await scene.login()
    t.equal(stateOf(await scene.here.find(proofOf(first))), 'session_replaced')
    scene.advance(MINUTE)
    await scene.login()
    t.equal(stateOf(await scene.here.find(proofOf(first))), 'unknown')
  })

  t.test(`find: the last ${ENDED_KEPT} endings are told, and no record grows without end`, async (t) => {
    const scene = await Scene.open(stores)
    const ended: Claimed[] = []
    for (let i = 0; i < ENDED_KEPT + 2; i++) ended.push(await scene.login())
    const states = await Promise.all(
      ended.map(async (each) => stateOf(await scene.here.find(proofOf(each)))),
    )
    t.strictSame(states, [
      'unknown',
      ...Array.from({ length: ENDED_KEPT }, () => 'session_replaced'),
      'live',
    ])
  })

  t.test('extend: moves the idle deadline, and never past the absolute one', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await until(scene, claimed.session.createdAt + 20 * MINUTE)
    const seen = (await scene.here.extend(await scene.live(claimed))) as Live
    t.ok(seen.session.lastSeenAt >= claimed.session.createdAt + 20 * MINUTE)
    t.equal(seen.session.idleExpiresAt, seen.session.lastSeenAt + IDLE)
    t.match(await scene.there.find(proofOf(claimed)), { session: seen.session })
    for (let use = seen.session.lastSeenAt; use < claimed.session.expiresAt; use += IDLE - MINUTE) {
      await until(scene, use)
      await scene.here.extend(await scene.live(claimed))
    }
    t.match(await scene.live(claimed), {
      session: { idleExpiresAt: claimed.session.expiresAt, expiresAt: claimed.session.expiresAt },
    })
  })

  t.test('extend: writes once a minute, however many requests there are', async (t) => {
    const scene = await Scene.open(stores)
    const found = await scene.live(await scene.login())
    scene.calls.length = 0
    t.equal(await scene.here.extend(found), found)
    t.strictSame(scene.calls, [], 'too early for anything')
    scene.advance(MINUTE)
    let writes = 0
    scene.around = async (call, work) => {
      const result = await work()
      if (call === 'swap' && (result as unknown) === true) writes++
      return result
    }
    await Promise.all(Array.from({ length: 10 }, () => scene.here.extend(found)))
    await Promise.all(Array.from({ length: 10 }, () => scene.there.extend(found)))
    t.equal(writes, 1)
  })

  t.test('extend: what has ended meanwhile has ended, and what never was is not made', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const found = await scene.live(claimed)
    const winner = await scene.login()
    scene.advance(MINUTE)
    t.equal(stateOf(await scene.here.extend(found)), 'session_replaced')
    const ofWinner = await scene.live(winner)
    await scene.here.release(proofOf(winner), 'logged_out')
    t.equal(stateOf(await scene.here.extend(ofWinner)), 'logged_out')
    const nobody = newHandle(randomBytes)
    t.equal(await scene.here.extend({ ...found, proof: { ...found.proof, handle: nobody } }), null)
    t.equal((await stores.register.read(nobody)).text, null)
  })

  t.test('extend: a slow one cannot bring a replaced session back', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const found = await scene.live(claimed)
    scene.advance(MINUTE)
    const { reached, release } = scene.hold('swap', 'before')
    const slow = scene.here.extend(found)
    await reached
    const winner = await scene.login({}, scene.there)
    release()
    t.equal(stateOf(await slow), 'session_replaced')
    t.equal(stateOf(await scene.here.find(proofOf(claimed))), 'session_replaced')
    t.equal(stateOf(await scene.here.find(proofOf(winner))), 'live')
  })

  t.test('release: ends it everywhere, for the reason given; a second time is no error', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    t.equal(await scene.here.release(proofOf(claimed), 'logged_out'), true)
    t.match(await scene.there.find(proofOf(claimed)), {
      ended: { id: claimed.session.id, reason: 'logged_out', replacedBy: null },
    })
    t.equal(await scene.here.release(proofOf(claimed), 'session_revoked'), false)
    t.equal(stateOf(await scene.there.find(proofOf(claimed))), 'logged_out', 'the first reason stays')
    t.equal(await scene.here.release({ ...proofOf(claimed), handle: 'nobody' }, 'logged_out'), false)
  })

  t.test('release: one that was replaced cannot end the session that has the seat', async (t) => {
    const scene = await Scene.open(stores)
    const loser = await scene.login()
    const winner = await scene.login()
    t.equal(await scene.here.release(proofOf(loser), 'logged_out'), false)
    t.equal(stateOf(await scene.here.find(proofOf(loser))), 'session_replaced')
    t.equal(stateOf(await scene.here.find(proofOf(winner))), 'live')
  })

  t.test('release: not even when it was on its way before the login', async (t) => {
    for (const [call, where] of [
      ['raise', 'before'],
      ['raise', 'after'],
      ['swap', 'before'],
    ] as const) {
      const scene = await Scene.open(stores)
      const loser = await scene.login()
      const { reached, release } = scene.hold(call, where)
      const late = scene.here.release(proofOf(loser), 'logged_out')
      await reached
      const winner = await scene.login({}, scene.there)
      release()
      t.equal(await late, false, `held ${where} ${call}`)
      t.equal(stateOf(await scene.here.find(proofOf(loser))), 'session_replaced')
      t.equal(stateOf(await scene.here.find(proofOf(winner))), 'live')
    }
  })

  t.test('a store that is away is told as such by every verb, and nothing has changed', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const found = await scene.live(claimed)
    scene.advance(MINUTE)
    const away = { code: 'store_unavailable', headers: { 'retry-after': '1' } }
    for (const calls of [['read', 'swap'], ['swap'], ['raise', 'findByHandle']] as const) {
      scene.break(calls)
      await t.rejects(scene.login(), away)
      await t.rejects(scene.here.release(proofOf(claimed), 'logged_out'), away)
      if (calls[0] === 'read') await t.rejects(scene.here.find(proofOf(claimed)), away)
      if (calls[0] !== 'raise') await t.rejects(scene.here.extend(found), away)
      scene.mend()
      t.equal(stateOf(await scene.here.find(proofOf(claimed))), 'live')
    }
    scene.break(['raise', 'findByHandle'])
    t.equal(stateOf(await scene.here.extend(found)), 'live', 'requests do not need SQL')
  })

  t.test('a login whose outcome is unknown makes no second session', async (t) => {
    const scene = await Scene.open(stores)
    const old = await scene.login()
    scene.break(['swap'], 'lost')
    await t.rejects(scene.login(), { code: 'store_unavailable' })
    scene.mend()
    t.equal(stateOf(await scene.here.find(proofOf(old))), 'session_replaced', 'it did get that far')
    t.equal((await scene.login()).replaced.length, 1)
  })

  t.test(
    'a record that cannot be read counts as gone, is reported, and the next login works',
    async (t) => {
      for (const text of ['x', '1', '__proto__', '{"__proto__":{"live":true}}', '\t\n+\t']) {
        const scene = await Scene.open(stores)
        const lost = await scene.login()
        await scene.overwrite(text)
        t.equal(await scene.here.find(proofOf(lost)), null)
        t.equal(await scene.here.release(proofOf(lost), 'logged_out'), false)
        t.strictSame(new Set(scene.unreadable), new Set([scene.user.handle]))
        const next = await scene.login()
        t.equal(stateOf(await scene.there.find(proofOf(next))), 'live')
        t.equal(await scene.here.find(proofOf(lost)), null)
      }
      t.equal(Object.hasOwn(Object.prototype, 'live'), false)
    },
  )

  t.test('a record that was cut off anywhere harms nobody', async (t) => {
    const scene = await Scene.open(stores, { limit: 3 })
    const logins = [await scene.login(), await scene.login(), await scene.login()]
    const { text } = await stores.register.read(scene.user.handle)
    for (let length = 1; length < (text ?? '').length; length += 7) {
      await scene.overwrite((text ?? '').slice(0, length))
      for (const login of logins) await scene.here.find(proofOf(login))
    }
    t.equal(stateOf(await scene.here.find(proofOf(await scene.login()))), 'live')
  })
}

/** Turns the clock until it shows this time, or a little more. */
async function until(scene: Scene, time: number): Promise<void> {
  scene.advance(Math.max(0, time - scene.now()))
}
