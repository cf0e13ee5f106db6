import t from 'tap'
import { queriesFor } from '../../src/database/tables.ts'
import { backend } from '../support/keys.ts'
import { join, makeUser, type SignedIn, signIn } from '../support/people.ts'
import { ENGINES, startService } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'

for (const engine of ENGINES) {
  t.test(engine, async (t) => {
    const service = await startService(t, engine, { env: { SESSION_LIMIT: '2' } })
    const root = await join(service, 'root', ['admin'])

    t.test('who is online: the user, the device and the whole address, and no secret', async (t) => {
      await makeUser(service, 'ann')
      const laptop = await signIn(service, 'ann', 'laptop')
      const phone = await signIn(service, 'ann', 'phone')
      const { body } = await root.browser.get('/admin/sessions')
      t.match(body.sessions, [
        { id: phone.session.id, user: { username: 'ann' }, ip: '127.0.0.1', current: false },
        { id: laptop.session.id, user: laptop.user.id && { id: laptop.user.id } },
        { id: root.session.id, user: { username: 'root' }, current: true },
      ])
      t.equal(body.sessions.length, 3)
      t.equal(body.next, null)
      const secret = (laptop.browser.jar.get('oneseat') ?? '').split('.')[1] ?? ''
      t.notOk(JSON.stringify(body).includes(secret))
    })

    t.test('whoever is out is not on it, whatever ended them', async (t) => {
      const bob = await join(service, 'bob')
      const cid = await join(service, 'cid')
      const dan = await join(service, 'dan')
      t.strictSame(await online(root), ['dan', 'cid', 'bob', 'ann', 'ann', 'root'])
      await bob.browser.post('/logout')
      await root.browser.request('DELETE', `/admin/users/${cid.user.id}/sessions`)
      await root.browser.request('PATCH', `/admin/users/${dan.user.id}`, { disabled: true })
      t.strictSame(await online(root), ['ann', 'ann', 'root'])
      service.advance(20 * 60_000)
      await root.browser.get('/me')
      service.advance(20 * 60_000)
      t.strictSame(await online(root), ['root'], 'ann has not been seen for 40 minutes')
    })

    t.test('page by page nobody is left out or shown twice, with empty seats in between', async (t) => {
      for (let i = 0; i < 9; i++) {
        const { browser } = await join(service, `page-${i}`)
        if (i % 3 === 1) await browser.post('/logout')
        else if (i % 3 === 2) await signIn(service, `page-${i}`, 'another')
      }
      const whole = await online(root)
      t.equal(whole.length, 10)
      for (const limit of [1, 2, 3, 5, 10]) {
        const paged: string[] = []
        let pages = 0
        for (let after: string | null = ''; after !== null; pages++) {
          const query: string = after === '' ? '' : `&after=${after}`
          const { body } = await root.browser.get(`/admin/sessions?limit=${limit}${query}`)
          paged.push(...body.sessions.map(({ user }: SignedIn) => user.username))
          after = body.next
        }
        t.strictSame(paged, whole)
        t.ok(pages <= 1 + 10 / limit)
      }
    })

    t.test('a cursor that is none of ours is refused', async (t) => {
      for (const after of ['x', '.', '1', 'ü.id', '%00', 'zzzzzzzzzzzzzz.x']) {
        const { status, body } = await root.browser.get(`/admin/sessions?after=${after}`)
        t.equal(status, 400)
        t.match(body.errors, [{ path: '/after' }])
      }
    })

    t.test('it is for administrators', async (t) => {
      const eve = await join(service, 'eve', ['editor'])
      t.equal((await eve.browser.get('/admin/sessions')).status, 403)
      t.equal((await service.browser().get('/admin/sessions')).status, 401)
    })
  })
}

async function online({ browser }: SignedIn): Promise<string[]> {
  const { body } = await browser.get('/admin/sessions')
  return body.sessions.map(({ user }: SignedIn) => user.username)
}

t.test('whoever is signed in for longer than a lowered ABSOLUTE_TIMEOUT is on it', async (t) => {
  const env = await sharedStores(t, 'sqlite')
  const before = await startService(t, 'sqlite', { env })
  const root = await join(before, 'root', ['admin'])
  const after = await startService(t, 'sqlite', {
    env: { ...env, IDLE_TIMEOUT: '1h', ABSOLUTE_TIMEOUT: '1h' },
  })
  after.advance(2 * 3_600_000)
  before.advance(1_000_000)
  await root.browser.get('/me')
  before.advance(1_700_000)
  await root.browser.get('/me')
  before.advance(1_700_000)
  await root.browser.get('/me')
  before.advance(1_700_000)
  await root.browser.get('/me')
  const browser = root.browser.copy(after.url)
  t.equal((await browser.get('/me')).status, 200)
  const { body } = await browser.get('/admin/sessions')
  t.match(body.sessions, [{ user: { username: 'root' } }])
})

t.test('ids of the operator’s own may have dots in them, on the edge of a page too', async (t) => {
  const service = await startService(t, 'sqlite', { env: { ACCOUNTS: 'external' } })
  const shop = await backend(service, 'shop', 'sign-in')
  const ops = await backend(service, 'ops', 'admin')
  const ids = ['ann', 'ann.a', 'ann.b@example.org']
  for (const id of ids) await shop.post('/sessions', { user: { id } })
  const { db } = service.engines
  await db.run(
    queriesFor(db)
      .updateTable('oneseat_users')
      .set({ live_until: Date.now() + 60_000 }),
  )
  const seen: string[] = []
  for (let next: string | null = ''; next !== null; ) {
    const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`
    const { body } = await ops.get(`/admin/sessions?limit=1${after}`)
    seen.push(...body.sessions.map((session: { user: { id: string } }) => session.user.id))
    next = body.next
  }
  t.strictSame(seen.sort(), ids)
})
