import type { Test } from 'tap'
import type { SeatStores } from '../../support/seat-stores.ts'
import { proofOf, Scene, stateOf } from '../scene.ts'

/** What `release` promises on every engine. */
export function releaseContract(t: Test, stores: SeatStores): void {
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
}
