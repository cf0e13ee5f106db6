import type { Test } from 'tap'
import type { SeatStores } from '../../support/seat-stores.ts'
import { MINUTE, openScene, proofOf } from './scene.ts'

/** What `update` promises on every engine, and what a lowered limit does to sessions that are running. */
export function updateContract(t: Test, stores: SeatStores): void {
  t.test('update: a running session has the new roles at its next look', async (t) => {
    const { sessions, user, login, change } = await openScene(stores, { limit: 1 })
    const session = await login()
    await sessions.update(user.handle, () => change({ roles: ['editor'] }))
    t.match(await sessions.find(proofOf(session)), { state: 'live', holder: { roles: ['editor'] } })
  })

  t.test('update: of two changes the later one stands, whichever arrives first', async (t) => {
    const { sessions, user, login, change } = await openScene(stores, { limit: 1 })
    const session = await login()
    const earlier = await change({ roles: ['editor'] })
    const later = await change({ roles: ['author'] })
    await sessions.update(user.handle, async () => later)
    await sessions.update(user.handle, async () => earlier)
    t.match(await sessions.find(proofOf(session)), { holder: { roles: ['author'] } })
  })

  t.test('update: a login under way when roles change gets the new ones', async (t) => {
    const { sessions, user, login, late, change } = await openScene(stores, { limit: 1 })
    await login()
    const slow = late()
    const claimed = slow.login()
    await slow.reached
    await sessions.update(user.handle, () => change({ roles: ['editor'] }))
    slow.release()
    t.strictSame((await claimed).holder.roles, ['editor'])
  })

  t.test('update: whoever is disabled is out, and so is a login under way', async (t) => {
    const { sessions, user, login, late, change } = await openScene(stores, { limit: 2 })
    const session = await login()
    const slow = late()
    const overtaken = slow.login()
    await slow.reached
    await sessions.update(user.handle, () => change({ disabled: true }))
    slow.release()
    await t.rejects(overtaken, { code: 'login_superseded' })
    t.match(await sessions.find(proofOf(session)), { ended: { reason: 'user_disabled' } })
    await t.rejects(login(), { code: 'invalid_credentials' })
    await sessions.update(user.handle, () => change({ disabled: false }))
    t.match(await sessions.find(proofOf(session)), { ended: { reason: 'user_disabled' } })
    t.match(await login(), { kind: 'claimed' })
  })

  t.test('a lowered limit: the oldest logins above it are out at once, and stay out', async (t) => {
    const { sessions, user, login, limit, ranOut } = await openScene(stores, { limit: 3 })
    const [first, second, third] = [await login(), await login(), await login()]
    limit(1)
    t.match(await sessions.find(proofOf(first)), {
      ended: { reason: 'session_replaced', replacedBy: { sessionId: third.session.id } },
    })
    t.match(await sessions.find(proofOf(third)), { state: 'live' })
    t.equal(await sessions.release(proofOf(third), 'logged_out'), true)
    t.match(await sessions.find(proofOf(second)), { ended: { reason: 'session_replaced' } })
    limit(3)
    t.match(await sessions.find(proofOf(first)), { ended: { reason: 'session_replaced' } })
    t.strictSame(await sessions.list(user.handle), [])
    t.strictSame(ranOut, [first.session.id, second.session.id])
  })

  t.test('a lowered limit: an old login does not come back when a newer one runs out', async (t) => {
    const { sessions, login, limit, wait } = await openScene(stores, { limit: 2 })
    const old = await login()
    wait(MINUTE)
    const newer = await login()
    wait(20 * MINUTE)
    await sessions.extend({ state: 'live', ...old, proof: proofOf(old) })
    limit(1)
    wait(15 * MINUTE)
    t.match(await sessions.find(proofOf(newer)), { ended: { reason: 'session_idle' } })
    t.match(await sessions.find(proofOf(old)), { ended: { reason: 'session_replaced' } })
  })
}
