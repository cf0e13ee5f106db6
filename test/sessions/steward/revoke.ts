import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { newHandle } from '../../../src/sessions/token.ts'
import type { SeatStores } from '../../support/seat-stores.ts'
import { ids, MINUTE, openScene, proofOf } from './scene.ts'

/** What `list` and `revoke` promise on every engine. */
export function revokeContract(t: Test, stores: SeatStores): void {
  t.test('list: the live ones, newest first; nothing for a user who never signed in', async (t) => {
    const { sessions, user, login, wait } = await openScene(stores, { limit: 3 })
    t.strictSame(await sessions.list(user.handle), [])
    const first = await login()
    wait(20 * MINUTE)
    const second = await login()
    t.strictSame(ids(await sessions.list(user.handle)), [second.session.id, first.session.id])
    wait(15 * MINUTE)
    t.strictSame(ids(await sessions.list(user.handle)), [second.session.id], 'one was idle too long')
  })

  t.test('revoke: one by its public id, and only one that is live', async (t) => {
    const { sessions, user, login } = await openScene(stores, { limit: 2 })
    const [first, second] = [await login(), await login()]
    const ended = await sessions.revoke(user.handle, first.session.id, 'session_revoked')
    t.strictSame(ids(ended), [first.session.id])
    t.match(await sessions.find(proofOf(first)), { ended: { reason: 'session_revoked' } })
    t.match(await sessions.find(proofOf(second)), { state: 'live' })
    t.strictSame(await sessions.revoke(user.handle, first.session.id, 'logged_out'), [])
    t.strictSame(await sessions.revoke(user.handle, 'nobody', 'logged_out'), [])
    t.strictSame(await sessions.revoke(newHandle(randomBytes), null, 'logged_out'), [])
    t.match(await sessions.find(proofOf(first)), { ended: { reason: 'session_revoked' } })
  })

  t.test('revoke: all of a user, also a login that has its number and not yet its seat', async (t) => {
    const { sessions, user, login, late } = await openScene(stores, { limit: 2 })
    const [first, second] = [await login(), await login()]
    const slow = late()
    const overtaken = slow.login()
    await slow.reached
    const ended = await sessions.revoke(user.handle, null, 'session_revoked')
    t.strictSame(ids(ended), [first.session.id, second.session.id])
    slow.release()
    await t.rejects(overtaken, { code: 'login_superseded' })
    t.strictSame(await sessions.list(user.handle), [])
  })
}
