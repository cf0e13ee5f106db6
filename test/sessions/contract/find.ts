import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { ENDED_KEPT, ENDED_KEPT_FOR } from '../../../src/sessions/record.ts'
import type { Claimed } from '../../../src/sessions/sessions.ts'
import { newHandle } from '../../../src/sessions/token.ts'
import type { SessionStores } from '../../support/session-stores.ts'
import { IDLE, MINUTE, Scene, stateOf } from '../scene.ts'

/** What `find` promises on every engine. */
export function findContract(t: Test, stores: SessionStores): void {
  t.test('find: nobody’s secret, nobody’s handle and another user’s are nothing', async (t) => {
    const scene = await Scene.open(stores)
    const { token } = await scene.login()
    const bob = await (await Scene.open(stores)).login()
    for (const presented of [
      token.slice(0, 17) + 'x'.repeat(43),
      newHandle(randomBytes) + token.slice(16),
      bob.token.slice(0, 16) + token.slice(16),
      token.slice(0, -1),
      `${token}x`,
      `${token}.`,
      ` ${token}`,
      token.replace('.', ':'),
      '',
      '.',
    ])
      t.equal(await scene.here.find(presented), null, presented)
  })

  t.test('find: one read, and not a word to SQL', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    await scene.find(claimed)
    scene.calls.length = 0
    await scene.find(claimed)
    t.strictSame(scene.calls, ['read'])
  })

  t.test('find: unused, it lives until its idle deadline and not at it', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    scene.turnTo(claimed.session.idleExpiresAt - MINUTE)
    t.equal(stateOf(await scene.find(claimed)), 'live')
    scene.advance(MINUTE)
    t.match(await scene.find(claimed), {
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
    t.match(await scene.find(claimed), {
      ended: { reason: 'session_expired', at: claimed.session.expiresAt },
    })
  })

  t.test('find: an ending is told for 30 days', async (t) => {
    const scene = await Scene.open(stores)
    const first = await scene.login()
    await scene.login()
    scene.advance(ENDED_KEPT_FOR - MINUTE)
    await scene.login()
    t.equal(stateOf(await scene.find(first)), 'session_replaced')
    scene.advance(MINUTE)
    await scene.login()
    t.equal(stateOf(await scene.find(first)), 'unknown')
  })

  t.test('find: who signs in again and again makes nobody forgotten', async (t) => {
    const scene = await Scene.open(stores)
    const owner = await scene.login()
    scene.advance(MINUTE)
    const before = await scene.login()
    scene.advance(MINUTE)
    const brief: Claimed[] = []
    for (let i = 0; i < ENDED_KEPT + 10; i++) brief.push(await scene.login())
    const states = await Promise.all(brief.map(async (each) => stateOf(await scene.find(each))))
    const told = states.filter((state) => state === 'session_replaced')
    t.equal(told.length, ENDED_KEPT - 2, 'no record grows without end')
    t.strictSame(states.slice(-9), [...Array.from({ length: 8 }, () => 'session_replaced'), 'live'])
    for (const each of [owner, before]) t.equal(stateOf(await scene.find(each)), 'session_replaced')
  })

  t.test('findById: the same by the public id, whatever the secret is by now', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const { key, session } = await scene.live(claimed)
    t.match(await scene.there.findById(key.handle, session.id), { state: 'live', session })
    await scene.here.renew(key, scene.change({ credential: true }))
    t.equal(stateOf(await scene.there.findById(key.handle, session.id)), 'live')
    await scene.login()
    t.equal(stateOf(await scene.there.findById(key.handle, session.id)), 'session_replaced')
    t.equal(await scene.there.findById(key.handle, 'nobody'), null)
    t.equal(await scene.there.findById(newHandle(randomBytes), session.id), null)
  })
}
