import type { Test } from 'tap'
import type { SessionStores } from '../../support/session-stores.ts'
import { keyOf, MINUTE, Scene, stateOf } from '../scene.ts'

/** What all verbs promise when the store is away, or what it has cannot be read. */
export function damageContract(t: Test, stores: SessionStores): void {
  t.test('a store that is away is told as such by every verb, and nothing has changed', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    const found = await scene.live(claimed)
    scene.advance(MINUTE)
    const away = { code: 'store_unavailable' }
    for (const calls of [['read', 'swap'], ['swap'], ['raise', 'find']] as const) {
      scene.break(calls)
      await t.rejects(scene.login(), away)
      await t.rejects(scene.here.release(keyOf(claimed), 'logged_out'), away)
      if (calls[0] === 'read') await t.rejects(scene.find(claimed), away)
      if (calls[0] !== 'raise') await t.rejects(scene.here.extend(found), away)
      scene.mend()
      t.equal(stateOf(await scene.find(claimed)), 'live')
    }
    scene.break(['raise', 'find'])
    t.equal(stateOf(await scene.here.extend(found)), 'live', 'requests do not need SQL')
  })

  t.test('a login whose outcome is unknown makes no second session', async (t) => {
    const scene = await Scene.open(stores)
    const old = await scene.login()
    scene.break(['swap'], 'lost')
    await t.rejects(scene.login(), { code: 'store_unavailable' })
    scene.mend()
    t.equal(stateOf(await scene.find(old)), 'session_replaced', 'it did get that far')
    t.equal((await scene.login()).replaced.length, 1)
  })

  t.test(
    'a record that cannot be read counts as gone, is reported, and the next login works',
    async (t) => {
      for (const text of ['x', '1', '2', '__proto__', '{"__proto__":{"live":true}}', '\t\n+\t']) {
        const scene = await Scene.open(stores)
        const lost = await scene.login()
        await scene.overwrite(text)
        t.equal(await scene.find(lost), null)
        t.equal(await scene.here.release(keyOf(lost), 'logged_out'), false)
        t.strictSame(new Set(scene.unreadable), new Set([scene.user.handle]))
        const next = await scene.login()
        t.equal(stateOf(await scene.find(next, scene.there)), 'live')
        t.equal(await scene.find(lost), null)
      }
      t.equal(Object.hasOwn(Object.prototype, 'live'), false)
    },
  )

  t.test('a record that was cut off anywhere harms nobody', async (t) => {
    const scene = await Scene.open(stores, { limit: 3 })
    const logins = [await scene.login(), await scene.login(), await scene.login()]
    const text = await scene.text()
    for (let length = 1; length < text.length; length += 7) {
      await scene.overwrite(text.slice(0, length))
      for (const login of logins) await scene.find(login)
    }
    t.equal(stateOf(await scene.find(await scene.login())), 'live')
  })

  t.test('no call is tried again for ever', async (t) => {
    const scene = await Scene.open(stores)
    const claimed = await scene.login()
    scene.advance(MINUTE)
    const found = await scene.live(claimed)
    scene.around = async (call, work) => (call === 'swap' ? (false as never) : work())
    const away = { code: 'store_unavailable' }
    scene.calls.length = 0
    await t.rejects(scene.login(), away)
    await t.rejects(scene.here.extend(found), away)
    await t.rejects(scene.here.release(keyOf(claimed), 'logged_out'), away)
    await t.rejects(scene.here.update(scene.user.handle, scene.change({ roles: ['x'] })), away)
    t.ok(scene.calls.length < 2_000, `${scene.calls.length} calls`)
  })
}
