import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { join, makeUser, signIn, standing } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

for (const engine of BOTH_ENDS) {
  t.test(`three seats, the oldest login makes way [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { SESSION_LIMIT: '3' } })

    t.test('a fourth device replaces the first, and only it', async (t) => {
      await makeUser(service, 'ann')
      const devices = []
      for (const name of ['one', 'two', 'three']) devices.push(await signIn(service, 'ann', name))
      const [one] = devices
      const { body } = await service.browser().login('ann', { device: 'four' })
      t.match(body.replaced, [{ id: one?.session.id, device: { name: 'one' } }])
      t.strictSame(await Promise.all(devices.map(standing)), ['session_replaced', '200', '200'])
    })

    t.test('to be used does not make a login younger', async (t) => {
      await makeUser(service, 'bob')
      const first = await signIn(service, 'bob')
      const second = await signIn(service, 'bob')
      await signIn(service, 'bob')
      service.advance(5 * 60_000)
      t.equal(await standing(first), '200')
      await signIn(service, 'bob')
      t.equal(await standing(first), 'session_replaced')
      t.equal(await standing(second), '200')
    })

    t.test('30 simultaneous logins end with exactly three signed in', async (t) => {
      await makeUser(service, 'cid')
      const browsers = Array.from({ length: 30 }, () => service.browser())
      const answers = await Promise.all(browsers.map((browser) => browser.login('cid')))
      const codes = await Promise.all(browsers.map((browser) => standing({ browser })))
      t.equal(codes.filter((code) => code === '200').length, 3)
      for (const [i, { status, body, setCookies }] of answers.entries()) {
        if (status === 200) t.match(codes[i], /^(200|session_replaced)$/)
        else {
          t.match({ status, code: body.code }, { status: 409, code: 'login_superseded' })
          t.strictSame(setCookies, [])
          t.equal(codes[i], 'unauthenticated')
        }
      }
    })

    t.test('a session named as `replace` makes way also when there is room', async (t) => {
      await makeUser(service, 'dan')
      const old = await signIn(service, 'dan', 'old')
      const { body } = await service.browser().login('dan', { replace: old.session.id })
      t.match(body.replaced, [{ id: old.session.id }])
      t.equal(await standing(old), 'session_replaced')
    })

    t.test('with all seats taken the named session makes way, not the oldest', async (t) => {
      await makeUser(service, 'eve')
      const oldest = await signIn(service, 'eve')
      const named = await signIn(service, 'eve')
      await signIn(service, 'eve')
      const { body } = await service.browser().login('eve', { replace: named.session.id })
      t.equal(body.replaced.length, 1)
      t.equal(await standing(named), 'session_replaced')
      t.equal(await standing(oldest), '200')
    })

    t.test(
      'an id that is foreign, dead or made up opens no further seat and ends nobody else',
      async (t) => {
        const stranger = await join(service, 'stranger')
        await makeUser(service, 'fay')
        const dead = await signIn(service, 'fay')
        await dead.browser.post('/logout')
        for (const replace of [stranger.session.id, dead.session.id, 'nobody', '']) {
          const { status, body } = await service.browser().login('fay', { replace })
          t.equal(status, 200)
          t.ok(body.replaced.length <= 1)
        }
        const last = await signIn(service, 'fay')
        t.equal((await last.browser.get('/me/sessions')).body.sessions.length, 3)
        t.equal(await standing(stranger), '200')
      },
    )

    t.test('only a login gives a seat: no other way in, and no other call', async (t) => {
      const root = await join(service, 'root', ['admin'])
      const browser = service.browser()
      const account = { username: 'hal', password: PASSWORD }
      const registered = await browser.post('/register', account)
      const made = await root.browser.post('/admin/users', { ...account, username: 'ian' })
      t.match([registered.status, made.status], [201, 201])
      t.strictSame([...registered.setCookies, ...made.setCookies], [])

      const hal = await signIn(service, 'hal')
      await hal.browser.request('PUT', '/me/password', {
        currentPassword: PASSWORD,
        newPassword: `${PASSWORD}, but longer`,
      })
      await hal.browser.get('/verify')
      t.equal((await hal.browser.get('/me/sessions')).body.sessions.length, 1)
      t.equal((await root.browser.get('/me/sessions')).body.sessions.length, 1)
    })

    t.test('one person has one set of seats, however they write their name', async (t) => {
      await makeUser(service, 'gus')
      const first = await signIn(service, 'gus')
      for (const name of ['GUS', 'ｇｕｓ', 'Gus']) await signIn(service, name)
      t.equal(await standing(first), 'session_replaced')
    })
  })

  for (const policy of ['replace', 'refuse', 'ask']) {
    t.test(`the same browser that signs in again replaces itself: ${policy} [${engine}]`, async (t) => {
      const service = await startService(t, engine, { env: { ON_LIMIT: policy, SESSION_LIMIT: '2' } })
      await makeUser(service, 'ann')
      const other = await signIn(service, 'ann', 'other')
      const mine = await signIn(service, 'ann', 'mine')
      const { status, body } = await mine.browser.login('ann', { device: 'mine' })
      t.equal(status, 200)
      t.strictSame(body.replaced, [], 'nobody else had to make way')
      t.equal(await standing(other), '200')
      t.equal(await standing(mine), '200')
      t.equal((await mine.browser.get('/me/sessions')).body.sessions.length, 2)
    })
  }

  t.test(`a limit of a role [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { SESSION_LIMIT_BY_ROLE: 'staff:3,kiosk:1' } })
    const root = await join(service, 'root', ['admin'])

    t.test('takes the place of the usual one', async (t) => {
      await makeUser(service, 'ann', ['staff'])
      const devices = [await signIn(service, 'ann'), await signIn(service, 'ann')]
      t.strictSame(await Promise.all(devices.map(standing)), ['200', '200'])
    })

    t.test(
      'that is taken away ends the oldest logins above the one that is left, for good',
      async (t) => {
        await makeUser(service, 'bob', ['staff'])
        const one = await signIn(service, 'bob', 'one')
        const two = await signIn(service, 'bob', 'two')
        const three = await signIn(service, 'bob', 'three')
        const path = `/admin/users/${one.user.id}`
        await root.browser.request('PATCH', path, { roles: [] })
        t.equal(await standing(three), '200')
        await three.browser.post('/logout')
        await root.browser.request('PATCH', path, { roles: ['staff'] })
        t.equal(await standing(one), 'session_replaced')
        t.equal(await standing(two), 'session_replaced')
        const { body } = await root.browser.get(`${path}/timeline`)
        const told = body.events.filter(({ type }: { type: string }) => type === 'session_replaced')
        t.strictSame(told.map(({ sessionId }: { sessionId: string }) => sessionId).sort(), [
          ...[one.session.id, two.session.id].sort(),
        ])
      },
    )
  })
}
