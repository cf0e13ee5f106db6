import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Live } from '../../../src/sessions/sessions.ts'
import { newHandle } from '../../../src/sessions/token.ts'
import type { SessionStores } from '../../support/session-stores.ts'
import { IDLE, keyOf, MINUTE, Scene, stateOf } from '../scene.ts'

/** What `extend` promises on every engine. */
export function extendContract(t: Test, stores: SessionStores): void {
  t.test('extend: moves the idle deadline, and never past the absolute one', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    scene.turnTo(claimed.session.createdAt + 20 * MINUTE)
    const seen = (await scene.here.extend(await scene.live(claimed))) as Live
    t.ok(seen.session.lastSeenAt >= claimed.session.createdAt + 20 * MINUTE)
    t.equal(seen.session.idleExpiresAt, seen.session.lastSeenAt + IDLE)
    t.match(await scene.find(claimed, scene.there), { session: seen.session })
    for (let use = seen.session.lastSeenAt; use < claimed.session.expiresAt; use += IDLE - MINUTE) {
      scene.turnTo(use)
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
    t.notOk(scene.here.isDue(found))
    t.equal(await scene.here.extend(found), found)
    t.strictSame(scene.calls, [], 'too early for anything')
    scene.advance(MINUTE)
    t.ok(scene.here.isDue(found))
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

  t.test('extend: also after the clock was set back', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    scene.advance(-60 * MINUTE)
    const found = await scene.live(claimed)
    t.ok(scene.here.isDue(found))
    await scene.here.extend(found)
    const { session } = await scene.live(claimed)
    t.ok(session.idleExpiresAt < claimed.session.idleExpiresAt - 50 * MINUTE)
  })

  t.test('extend: with `refuse`, often enough to tell whether a session is in use', async (t) => {
    const scene = await Scene.open(stores, { onLimit: 'refuse', refuseWhileSeen: 10_000 })
    const claimed = await scene.login()
    for (let i = 0; i < 40; i++) {
      scene.advance(500)
      const found = await scene.live(claimed)
      await scene.here.extend(found)
      t.match(await scene.claim(), { kind: 'full' })
    }
  })

  t.test('extend: what has ended meanwhile has ended, and what never was is not made', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const found = await scene.live(claimed)
    const winner = await scene.login()
    scene.advance(MINUTE)
    t.equal(stateOf(await scene.here.extend(found)), 'session_replaced')
    const ofWinner = await scene.live(winner)
    await scene.here.release(keyOf(winner), 'logged_out')
    t.equal(stateOf(await scene.here.extend(ofWinner)), 'logged_out')
    const nobody = newHandle(randomBytes)
    t.equal(await scene.here.extend({ ...found, key: { ...found.key, handle: nobody } }), null)
    t.equal((await stores.store.read(nobody)).text, null)
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
    t.equal(stateOf(await scene.find(claimed)), 'session_replaced')
    t.equal(stateOf(await scene.find(winner)), 'live')
  })
}
