import t from 'tap'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { type Browser, PASSWORD } from '../support/browser.ts'
import { join, makeUser, type SignedIn, signIn, standing } from '../support/people.ts'
import { ENGINES, type Service, startService } from '../support/service.ts'

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
      await chooseAnother(again.browser)
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

    t.test('whoever was signed in since is out, also when the first of them has gone', async (t) => {
      await makeUser(service, 'cid')
      const owner = await signIn(service, 'cid', 'laptop')
      const other = await signIn(service, 'cid', 'phone')
      await other.browser.post('/logout')
      const newest = await signIn(service, 'cid', 'tablet')
      t.equal((await owner.browser.post('/sessions/dispute')).status, 202)
      t.equal(await standing(newest), 'session_disputed')
      t.match(await numbered(service, owner), { data: { mustChangePassword: true } })

      const copy = { browser: owner.browser.copy() }
      const again = await owner.browser.login('cid')
      t.equal(again.status, 200)
      t.match(await copy.browser.post('/sessions/dispute'), {
        status: 409,
        body: { code: 'already_disputed' },
      })
      t.equal(await standing(owner), '200', 'who has signed in since is not meant')
    })

    t.test('the password has to be changed though the other has gone', async (t) => {
      await makeUser(service, 'eli')
      const owner = await signIn(service, 'eli', 'laptop')
      const other = await signIn(service, 'eli', 'phone')
      await other.browser.post('/logout')
      t.equal((await owner.browser.post('/sessions/dispute')).status, 202)
      t.match(await numbered(service, owner), { data: { mustChangePassword: true } })
      t.equal((await owner.browser.post('/sessions/dispute')).body.code, 'already_disputed')
      const { browser } = await signIn(service, 'eli', 'laptop')
      await chooseAnother(browser)
      const { events } = (await browser.get('/me/timeline')).body
      const told = events.find(({ type }: { type: string }) => type === 'session_disputed')
      t.match(told, {
        ...{ sessionId: other.session.id, device: { name: 'phone' } },
        ...{
          by: { ip: '127.0.0.0/24', user: null },
          story: /disputed the login: “phone” .*, by node at/,
        },
      })
    })

    t.test('nor does it concern whoever has changed the password since', async (t) => {
      await makeUser(service, 'fay')
      const old = await signIn(service, 'fay', 'laptop')
      const thief = await signIn(service, 'fay', 'a thief')
      const copy = { browser: old.browser.copy() }
      const { browser } = old
      await browser.login('fay')
      const owner = { ...old, browser }
      const change = { currentPassword: PASSWORD, newPassword: 'nobody else knows this one' }
      t.equal((await owner.browser.request('PUT', '/me/password', change)).status, 204)
      for (const each of [copy, thief])
        t.equal((await each.browser.post('/sessions/dispute')).body.code, 'already_disputed')
      t.equal(await standing(owner), '200')
      t.notMatch((await numbered(service, owner))?.data, { mustChangePassword: true })
    })

    t.test('what the thief kept of the device is void, and what the owner has is not', async (t) => {
      await makeUser(service, 'ida')
      const owner = await signIn(service, 'ida', 'laptop')
      const thief = await signIn(service, 'ida', 'a thief')
      service.advance(1)
      for (let i = 0; i < 12; i++)
        await owner.browser.login('ida', { password: `wrong the ${i}th time` })
      t.equal((await owner.browser.login('ida')).status, 429)
      t.equal((await owner.browser.post('/sessions/dispute')).status, 202)
      const login = await owner.browser.login('ida')
      t.equal(login.status, 200, 'it is free of the brakes')
      await chooseAnother(owner.browser)
      const newDevice = async () => {
        const { events } = (await owner.browser.get('/me/timeline')).body
        return events.find(({ type }: { type: string }) => type === 'login').newDevice
      }
      t.equal(await newDevice(), false)
      t.equal((await thief.browser.login('ida')).status, 200)
      await owner.browser.login('ida')
      const { events } = (await owner.browser.get('/me/timeline')).body
      const logins = events.filter(({ type }: { type: string }) => type === 'login')
      t.strictSame(
        logins.slice(0, 2).map((login: { newDevice: boolean }) => login.newDevice),
        [false, true],
      )
    })

    t.test('a dispute that was cut off can be made again', async (t) => {
      await makeUser(service, 'jim')
      const owner = await signIn(service, 'jim', 'laptop')
      const thief = await signIn(service, 'jim', 'a thief')
      service.watched.around = async (call, work) => {
        if (call === 'store.swap') throw storeUnavailable(new Error('cut off'))
        return work()
      }
      t.equal((await owner.browser.post('/sessions/dispute')).status, 503)
      service.watched.around = (_call, work) => work()
      t.match(await numbered(service, owner), { data: { mustChangePassword: true } })
      service.advance(5_000)
      t.equal((await owner.browser.post('/sessions/dispute')).status, 202)
      t.equal(await standing(thief), 'session_disputed')
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

/** The user as SQL has them. */
function numbered({ engines }: Service, { user }: SignedIn) {
  return engines.numbers.numbers.find({ id: user.id })
}

/** What has to be done first after a dispute; then the old password again, which the tests sign in with. */
async function chooseAnother(browser: Browser): Promise<void> {
  const another = `${PASSWORD}, another one`
  for (const [currentPassword, newPassword] of [
    [PASSWORD, another],
    [another, PASSWORD],
  ])
    await browser.request('PUT', '/me/password', { currentPassword, newPassword })
}
