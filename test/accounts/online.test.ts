import t from 'tap'
import { onlineUsers } from '../../src/accounts/online.ts'
import { createSessions } from '../../src/sessions/create-sessions.ts'
import { accountsIn } from '../support/accounts.ts'
import { ENGINES, REGISTERED, SECRET } from '../support/service.ts'
import { openSessionStores } from '../support/session-stores.ts'
import { anyAccount } from './contract.ts'

const HOUR = 60 * 60_000

for (const engine of ENGINES) {
  t.test(`who might be online is looked up, and only who is gets on the page [${engine}]`, async (t) => {
    const { store, db, ...numbers } = await openSessionStores(t, engine)
    const { accounts, timeline } = accountsIn(db)
    t.teardown(() => timeline.close())
    let ahead = 0
    const now = () => store.now() + ahead
    const sessions = createSessions({
      ...numbers,
      store: { ...store, now },
      secrets: [SECRET],
      idleTimeout: 12 * HOUR,
      absoluteTimeout: 12 * HOUR,
      policyFor: () => ({ limit: 2, onLimit: 'replace', refuseWhileSeen: 0 }),
    })
    const online = onlineUsers(accounts, sessions, now)
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
      const { id, handle } = await accounts.create({ ...anyAccount(), username }, REGISTERED)
      ahead += 1 // one after the other
      const device = { name: null, os: null, browser: null }
      await sessions.claim({
        ...{ userId: id, handle, credentialNumber: 0, device },
        ...{ ip: '::1', presented: null, replace: null },
      })
      return handle
    }
  })
}

function names(page: Awaited<ReturnType<ReturnType<typeof onlineUsers>>>): string[] {
  return page.users.map(({ user }) => user.username)
}
