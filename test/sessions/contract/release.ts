import type { Test } from 'tap'
import type { SessionStores } from '../../support/session-stores.ts'
import { keyOf, Scene, stateOf } from '../scene.ts'

/** What `release` promises on every engine. */
export function releaseContract(t: Test, stores: SessionStores): void {
  t.test('release: ends it everywhere, for the reason given; a second time is no error', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    t.equal(await scene.here.release(keyOf(claimed), 'logged_out'), true)
    t.match(await scene.find(claimed, scene.there), {
      ended: { id: claimed.session.id, reason: 'logged_out', replacedBy: null },
    })
    t.equal(await scene.here.release(keyOf(claimed), 'session_revoked'), false)
    t.equal(stateOf(await scene.find(claimed)), 'logged_out', 'the first reason stays')
    t.equal(await scene.here.release({ ...keyOf(claimed), handle: 'nobody' }, 'logged_out'), false)
  })

  t.test('release: of two at once one did it', async (t) => {
    const scene = await Scene.open(stores)
    const key = keyOf(await scene.login())
    scene.closed.length = 0
    const done = await Promise.all([
      scene.here.release(key, 'logged_out'),
      scene.there.release(key, 'logged_out'),
    ])
    t.strictSame(done.toSorted(), [false, true])
    t.equal(scene.closed.filter(({ did }) => did !== null).length, 1, 'and one is told of')
    t.strictSame(await stores.changes.openOf(scene.user.id), [])
  })

  t.test('release: one that was replaced cannot end the session that replaced it', async (t) => {
    const scene = await Scene.open(stores)
    const loser = await scene.login()
    const winner = await scene.login()
    t.equal(await scene.here.release(keyOf(loser), 'logged_out'), false)
    t.equal(stateOf(await scene.find(loser)), 'session_replaced')
    t.equal(stateOf(await scene.find(winner)), 'live')
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
      const late = scene.here.release(keyOf(loser), 'logged_out')
      await reached
      const winner = await scene.login({}, scene.there)
      release()
      t.equal(await late, false, `held ${where} ${call}`)
      t.equal(stateOf(await scene.find(loser)), 'session_replaced')
      t.equal(stateOf(await scene.find(winner)), 'live')
    }
  })
}
