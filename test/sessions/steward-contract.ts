import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Account, Accounts } from '../../src/accounts/accounts.ts'
import { keepSessions } from '../../src/sessions/keeper.ts'
import type { Register } from '../../src/sessions/register.ts'
import type { Claimed, Sessions } from '../../src/sessions/sessions.ts'
import { newHandle, readToken, type TokenProof } from '../../src/sessions/token.ts'

/** An engine of sessions with accounts beside it. */
export type Stores = { register: Register; accounts: Accounts }

const MINUTE = 60_000

/** What every engine promises of `list`, `revoke`, `update`, `renew`, `dispute` and `notice`. */
export function stewardContract(t: Test, { register, accounts }: Stores): void {
  t.test('list: the live ones, newest first; nothing for a user who never signed in', async (t) => {
    const { sessions, user, login, wait } = await scene({ limit: 3 })
    t.strictSame(await sessions.list(user.handle), [])
    const first = await login()
    wait(20 * MINUTE)
    const second = await login()
    t.strictSame(ids(await sessions.list(user.handle)), [second.session.id, first.session.id])
    wait(15 * MINUTE)
    t.strictSame(ids(await sessions.list(user.handle)), [second.session.id], 'one was idle too long')
  })

  t.test('revoke: one by its public id, and only one that is live', async (t) => {
    const { sessions, user, login } = await scene({ limit: 2 })
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
    const { sessions, user, login, late } = await scene({ limit: 2 })
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

  t.test('update: a running session has the new roles at its next look', async (t) => {
    const { sessions, user, login } = await scene({ limit: 1 })
    const session = await login()
    await sessions.update(user.handle, () => change(user, { roles: ['editor'] }))
    t.match(await sessions.find(proofOf(session)), { state: 'live', holder: { roles: ['editor'] } })
  })

  t.test('update: of two changes the later one stands, whichever arrives first', async (t) => {
    const { sessions, user, login } = await scene({ limit: 1 })
    const session = await login()
    const earlier = await change(user, { roles: ['editor'] })
    const later = await change(user, { roles: ['author'] })
    await sessions.update(user.handle, async () => later)
    await sessions.update(user.handle, async () => earlier)
    t.match(await sessions.find(proofOf(session)), { holder: { roles: ['author'] } })
  })

  t.test('update: a login under way when roles change gets the new ones', async (t) => {
    const { sessions, user, login, late } = await scene({ limit: 1 })
    await login()
    const slow = late()
    const claimed = slow.login()
    await slow.reached
    await sessions.update(user.handle, () => change(user, { roles: ['editor'] }))
    slow.release()
    t.strictSame((await claimed).holder.roles, ['editor'])
  })

  t.test('update: whoever is disabled is out, and so is a login under way', async (t) => {
    const { sessions, user, login, late } = await scene({ limit: 2 })
    const session = await login()
    const slow = late()
    const overtaken = slow.login()
    await slow.reached
    await sessions.update(user.handle, () => change(user, { disabled: true }))
    slow.release()
    await t.rejects(overtaken, { code: 'login_superseded' })
    t.match(await sessions.find(proofOf(session)), { ended: { reason: 'user_disabled' } })
    await t.rejects(login(), { code: 'invalid_credentials' })
    await sessions.update(user.handle, () => change(user, { disabled: false }))
    t.match(await sessions.find(proofOf(session)), { ended: { reason: 'user_disabled' } })
    t.match(await login(), { kind: 'claimed' })
  })

  t.test('renew: one goes on under a new secret, as old as it was; all others have ended', async (t) => {
    const { sessions, user, login, wait } = await scene({ limit: 3 })
    const [mine, other] = [await login(), await login()]
    wait(5 * MINUTE)
    const renewed = await sessions.renew(proofOf(mine), () => setPassword(user))
    t.match(renewed?.session, {
      id: mine.session.id,
      createdAt: mine.session.createdAt,
      expiresAt: mine.session.expiresAt,
      lastSeenAt: mine.session.lastSeenAt,
    })
    t.match(await sessions.find(proofOf(renewed)), { state: 'live' })
    for (const old of [mine, other])
      t.match(await sessions.find(proofOf(old)), { ended: { reason: 'password_changed' } })
    t.equal(await sessions.renew(proofOf(other), () => setPassword(user)), null, 'it was not live')
    t.match(await sessions.find(proofOf(renewed)), { ended: { reason: 'password_changed' } })
  })

  t.test('renew: a login with the old password never gets past it', async (t) => {
    const { sessions, user, login, late } = await scene({ limit: 3 })
    const mine = await login()
    const slow = late()
    const overtaken = slow.login()
    await slow.reached
    const renewed = await sessions.renew(proofOf(mine), () => setPassword(user))
    slow.release()
    await t.rejects(overtaken, { code: 'login_superseded' })
    await t.rejects(login(user), { code: 'invalid_credentials' }) // verified against the old one
    t.strictSame(ids(await sessions.list(user.handle)), [renewed?.session.id])
  })

  t.test('a login ends what is older than the password, if nobody else could', async (t) => {
    const { sessions, user, login } = await scene({ limit: 3 })
    const old = await login()
    await setPassword(user) // and the store was away, so no `renew` came through
    t.match(await sessions.find(proofOf(old)), { state: 'live' })
    const fresh = await login()
    t.match(await sessions.find(proofOf(old)), { ended: { reason: 'password_changed' } })
    t.match(await sessions.find(proofOf(fresh)), { state: 'live' })
  })

  t.test(
    'dispute: the session that replaced this one ends, under whatever secret it goes on',
    async (t) => {
      const { sessions, user, login } = await scene({ limit: 1 })
      const victim = await login()
      const thief = await sessions.renew(proofOf(await login()), () => setPassword(user))
      const replaced = await endedOf(sessions, victim)
      t.match(await sessions.dispute(replaced, user.handle), { id: thief?.session.id })
      t.match(await sessions.find(proofOf(thief)), { ended: { reason: 'session_disputed' } })
      await login()
      t.equal(await sessions.dispute(replaced, user.handle), null, 'it has ended already')
      t.equal((await sessions.list(user.handle)).length, 1)
    },
  )

  t.test('notice: what ran out is stored, and told once', async (t) => {
    const { sessions, login, wait, ranOut } = await scene({ limit: 2 })
    const [first, second] = [await login(), await login()]
    wait(31 * MINUTE)
    t.match(await sessions.find(proofOf(first)), { ended: { reason: 'session_idle' }, noticed: false })
    await Promise.all([first, second, first].map((session) => sessions.notice(proofOf(session))))
    t.match(await sessions.find(proofOf(first)), { ended: { reason: 'session_idle' }, noticed: true })
    t.strictSame(ranOut.toSorted(), [first.session.id, second.session.id].toSorted())
  })

  t.test('a lowered limit: the oldest logins above it are out at once, and stay out', async (t) => {
    const { sessions, user, login, limit, ranOut } = await scene({ limit: 3 })
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
    const { sessions, login, limit, wait } = await scene({ limit: 2 })
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

  /** A new user, and rules whose clock and limit the test turns. */
  async function scene(given: { limit: number }) {
    let ahead = 0
    let { limit } = given
    let held: { reach: () => void; released: Promise<void> } | null = null
    const ranOut: string[] = []
    const user = await accounts.create({
      id: randomBytes(9).toString('base64url'),
      handle: newHandle(randomBytes),
      username: randomBytes(9).toString('hex'),
      passwordHash: '',
      roles: [],
      createdAt: Date.now(),
    })
    // A login waits between its number and its seat, where all the races are.
    const holding: Accounts = {
      ...accounts,
      async raise(...args) {
        const raised = await accounts.raise(...args)
        const hold = held
        held = null
        hold?.reach()
        await hold?.released
        return raised
      },
    }
    const sessions = keepSessions({ ...register, now: () => register.now() + ahead }, holding, {
      idleTimeout: 30 * MINUTE,
      absoluteTimeout: 12 * 60 * MINUTE,
      policyFor: () => ({ limit, onLimit: 'replace', refuseWhileSeen: 0 }),
      random: randomBytes,
      onEnded: () => {},
      onUnreadable: () => {},
      onRanOut: (_holder, session) => ranOut.push(session.id),
    })
    const login = async (as?: Account): Promise<Claimed> => {
      const { id, handle, credentialEpoch } = as ?? ((await accounts.findById(user.id)) as Account)
      const device = { name: null, os: null, browser: null }
      const claimed = await sessions.claim({
        ...{ userId: id, handle, credentialEpoch, device },
        ...{ ip: '::1', presented: null, replace: null },
      })
      if (claimed.kind === 'full') throw new Error('no seat is free')
      return claimed
    }
    const late = () => {
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      held = { reach: reached.resolve, released: released.promise }
      return { login, reached: reached.promise, release: released.resolve }
    }
    return {
      ...{ sessions, user, login, late, ranOut },
      wait: (ms: number) => {
        ahead += ms
      },
      limit: (value: number) => {
        limit = value
      },
    }
  }

  async function change(user: Account, wish: Parameters<Accounts['change']>[1]): Promise<Account> {
    return (await accounts.change(user.id, wish, Date.now())) as Account
  }

  async function setPassword({ id }: Account): Promise<Account> {
    const { credentialEpoch } = (await accounts.findById(id)) as Account
    return (await accounts.setPassword(id, credentialEpoch, '')) as Account
  }
}

async function endedOf(sessions: Sessions, claimed: Claimed) {
  const found = await sessions.find(proofOf(claimed))
  if (found?.state !== 'ended') throw new Error('it has not ended')
  return found
}

function proofOf(claimed: Claimed | null): TokenProof {
  return readToken(claimed?.token ?? '') as TokenProof
}

function ids(sessions: readonly { id: string }[]): string[] {
  return sessions.map(({ id }) => id)
}
