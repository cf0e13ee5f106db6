import { randomBytes } from 'node:crypto'
import t from 'tap'
import { onlineUsers } from '../../src/accounts/online.ts'
import { keepSessions } from '../../src/sessions/create-sessions.ts'
import { newHandle } from '../../src/sessions/token.ts'
import { openSeatStores } from '../support/seat-stores.ts'
import { ENGINES } from '../support/service.ts'

const HOUR = 60 * 60_000

for (const engine of ENGINES) {
  t.test(`who might be online is looked up, and only who is gets on the page [${engine}]`, async (t) => {
    const { register, accounts } = await openSeatStores(t, engine)
    let ahead = 0
    const now = () => register.now() + ahead
    const sessions = keepSessions({ ...register, now }, accounts, {
      idleTimeout: 12 * HOUR,
      absoluteTimeout: 12 * HOUR,
      policyFor: () => ({ limit: 2, onLimit: 'replace', refuseWhileSeen: 0 }),
      random: randomBytes,
      onEnded: () => {},
      onUnreadable: () => {},
    })
    const online = onlineUsers(accounts, sessions, 12 * HOUR, now)
    const handles: string[] = []
    for (let i = 0; i < 7; i++) handles.push(await join(`user-${i}`))

    await sessions.revoke(handles[5] ?? '', null, 'session_revoked')
    await sessions.revoke(handles[4] ?? '', null, 'session_revoked')
    const first = await online({ limit: 2, after: null })
    t.strictSame(names(first), ['user-6', 'user-3'], 'as many as there are, over those who left')
    const second = await online({ limit: 2, after: first.next })
    t.strictSame(names(second), ['user-2', 'user-1'])
    const third = await online({ limit: 2, after: second.next })
    t.strictSame(names(third), ['user-0'])
    t.equal(third.next, null)

    ahead = 12 * HOUR + 1
    t.strictSame(await online({ limit: 9, after: null }), { users: [], next: null })

    async function join(username: string): Promise<string> {
      const { id, handle } = await accounts.create({
        ...{ id: randomBytes(9).toString('base64url'), handle: newHandle(randomBytes) },
        ...{ username, passwordHash: '', roles: [], createdAt: now() },
      })
      ahead += 1 // one after the other
      const device = { name: null, os: null, browser: null }
      await sessions.claim({
        ...{ userId: id, handle, credentialEpoch: 0, device },
        ...{ ip: '::1', presented: null, replace: null },
      })
      return handle
    }
  })
}

function names(page: Awaited<ReturnType<ReturnType<typeof onlineUsers>>>): string[] {
  return page.users.map(({ account }) => account.username)
}
