import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { ENDED_KEPT, ENDED_KEPT_FOR } from '../../../src/sessions/record.ts'
import type { Claimed } from '../../../src/sessions/sessions.ts'
import { newHandle } from '../../../src/sessions/token.ts'
import type { SeatStores } from '../../support/seat-stores.ts'
import { IDLE, MINUTE, proofOf, Scene, stateOf } from '../scene.ts'

/** What `find` promises on every engine. */
export function findContract(t: Test, stores: SeatStores): void {
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
    scene.turnTo(claimed.session.idleExpiresAt - MINUTE)
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
      scene.turnTo(use)
      t.equal((await scene.here.extend(await scene.live(claimed)))?.state, 'live')
    }
    scene.turnTo(claimed.session.expiresAt)
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
}
