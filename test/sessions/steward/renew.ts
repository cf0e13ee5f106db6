import type { Test } from 'tap'
import type { SeatStores } from '../../support/seat-stores.ts'
import { endedOf, ids, MINUTE, openScene, proofOf } from './scene.ts'

/** What `renew`, `dispute` and `notice` promise on every engine. */
export function renewContract(t: Test, stores: SeatStores): void {
  t.test('renew: one goes on under a new secret, as old as it was; all others have ended', async (t) => {
    const { sessions, login, wait, setPassword } = await openScene(stores, { limit: 3 })
    const [mine, other] = [await login(), await login()]
    wait(5 * MINUTE)
    const renewed = await sessions.renew(proofOf(mine), setPassword)
    t.match(renewed?.session, {
      id: mine.session.id,
      createdAt: mine.session.createdAt,
      expiresAt: mine.session.expiresAt,
      lastSeenAt: mine.session.lastSeenAt,
    })
    t.match(await sessions.find(proofOf(renewed)), { state: 'live' })
    for (const old of [mine, other])
      t.match(await sessions.find(proofOf(old)), { ended: { reason: 'password_changed' } })
    t.equal(await sessions.renew(proofOf(other), setPassword), null, 'it was not live')
    t.match(await sessions.find(proofOf(renewed)), { ended: { reason: 'password_changed' } })
  })

  t.test('renew: a login with the old password never gets past it', async (t) => {
    const { sessions, user, login, late, setPassword } = await openScene(stores, { limit: 3 })
    const mine = await login()
    const slow = late()
    const overtaken = slow.login()
    await slow.reached
    const renewed = await sessions.renew(proofOf(mine), setPassword)
    slow.release()
    await t.rejects(overtaken, { code: 'login_superseded' })
    await t.rejects(login(user), { code: 'invalid_credentials' }) // verified against the old one
    t.strictSame(ids(await sessions.list(user.handle)), [renewed?.session.id])
  })

  t.test('a login ends what is older than the password, if nobody else could', async (t) => {
    const { sessions, login, setPassword } = await openScene(stores, { limit: 3 })
    const old = await login()
    await setPassword() // and the store was away, so no `renew` came through
    t.match(await sessions.find(proofOf(old)), { state: 'live' })
    const fresh = await login()
    t.match(await sessions.find(proofOf(old)), { ended: { reason: 'password_changed' } })
    t.match(await sessions.find(proofOf(fresh)), { state: 'live' })
  })

  t.test(
    'dispute: the session that replaced this one ends, under whatever secret it goes on',
    async (t) => {
      const { sessions, user, login, setPassword } = await openScene(stores, { limit: 1 })
      const victim = await login()
      const thief = await sessions.renew(proofOf(await login()), setPassword)
      const replaced = await endedOf(sessions, victim)
      t.match(await sessions.dispute(replaced, user.handle), { id: thief?.session.id })
      t.match(await sessions.find(proofOf(thief)), { ended: { reason: 'session_disputed' } })
      await login()
      t.equal(await sessions.dispute(replaced, user.handle), null, 'it has ended already')
      t.equal((await sessions.list(user.handle)).length, 1)
    },
  )

  t.test('notice: what ran out is stored, and told once', async (t) => {
    const { sessions, login, wait, ranOut } = await openScene(stores, { limit: 2 })
    const [first, second] = [await login(), await login()]
    wait(31 * MINUTE)
    t.match(await sessions.find(proofOf(first)), { ended: { reason: 'session_idle' }, noticed: false })
    await Promise.all([first, second, first].map((session) => sessions.notice(proofOf(session))))
    t.match(await sessions.find(proofOf(first)), { ended: { reason: 'session_idle' }, noticed: true })
    t.strictSame(ranOut.toSorted(), [first.session.id, second.session.id].toSorted())
  })
}
