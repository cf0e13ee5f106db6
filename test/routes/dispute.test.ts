import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { join, makeUser, signIn, standing } from '../support/people.ts'
import { ENGINES, startService } from '../support/service.ts'

for (const engine of ENGINES) {
  t.test(engine, async (t) => {
    const service = await startService(t, engine)

    t.test('a replaced device freezes the session that replaced it, once', async (t) => {
      await makeUser(service, 'ann')
      const owner = await signIn(service, 'ann', 'laptop')
      const thief = await signIn(service, 'ann', 'a thief')
      t.match(await owner.browser.post('/sessions/dispute'), { status: 202, body: '' })
      t.equal(await standing(thief), 'session_disputed')
      t.equal(await standing(owner), 'session_replaced', 'it does not sign the owner in again')
      t.match(await owner.browser.post('/sessions/dispute'), {
        status: 409,
        body: { code: 'already_disputed' },
      })
      const again = await signIn(service, 'ann', 'laptop')
      const { events } = (await again.browser.get('/me/timeline')).body
      t.match(
        events.find(({ type }: { type: string }) => type === 'session_disputed'),
        { sessionId: thief.session.id, device: { name: 'a thief' } },
      )
    })

    t.test('a thief who changes the password is still the session that is disputed', async (t) => {
      await makeUser(service, 'bob')
      const owner = await signIn(service, 'bob', 'laptop')
      const thief = await signIn(service, 'bob', 'a thief')
      const change = { currentPassword: PASSWORD, newPassword: 'the owner does not know this' }
      t.equal((await thief.browser.request('PUT', '/me/password', change)).status, 204)
      t.equal((await owner.browser.post('/sessions/dispute')).status, 202)
      t.equal(await standing(thief), 'session_disputed')
    })

    t.test('there is nothing left to dispute when the other has gone', async (t) => {
      await makeUser(service, 'cid')
      const owner = await signIn(service, 'cid', 'laptop')
      const other = await signIn(service, 'cid', 'phone')
      await other.browser.post('/logout')
      const newest = await signIn(service, 'cid', 'tablet')
      t.match(await owner.browser.post('/sessions/dispute'), {
        status: 409,
        body: { code: 'already_disputed' },
      })
      t.equal(await standing(newest), '200', 'a later login is not the one that was meant')
    })

    t.test('a session that ran out is on record before this says so', async (t) => {
      await makeUser(service, 'gus')
      const idle = await signIn(service, 'gus', 'laptop')
      service.advance(31 * 60_000)
      t.match(await idle.browser.post('/sessions/dispute'), {
        status: 401,
        body: { code: 'session_idle' },
      })
      const { timeline } = service.parts
      await timeline.flush()
      const events = await timeline.list(idle.user.id, { before: null, limit: 9 })
      t.ok(events.some(({ type }) => type === 'session_idle'))
    })

    t.test('only a replaced device has a say', async (t) => {
      const alive = await join(service, 'dan')
      t.match(await alive.browser.post('/sessions/dispute'), {
        status: 409,
        body: { code: 'nothing_to_dispute' },
      })
      t.equal(await standing(alive), '200')

      const left = { browser: alive.browser.copy() }
      await alive.browser.post('/logout')
      t.match(await left.browser.post('/sessions/dispute'), {
        status: 401,
        body: { code: 'logged_out' },
      })
      const stranger = service.browser()
      t.match(await stranger.post('/sessions/dispute'), {
        status: 401,
        body: { code: 'unauthenticated' },
      })
      stranger.jar.set('oneseat', `${'a'.repeat(16)}.${'b'.repeat(43)}.forged`)
      t.equal((await stranger.post('/sessions/dispute')).status, 401)
    })
  })
}
