import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { join, makeUser, signIn, standing } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

const NEW_PASSWORD = 'another test, another secret'

for (const engine of BOTH_ENDS) {
  t.test(engine, async (t) => {
    const service = await startService(t, engine, { env: { SESSION_LIMIT: '3' } })

    t.test('a change ends every other session, and gives this one a new secret', async (t) => {
      await makeUser(service, 'ann')
      const laptop = await signIn(service, 'ann', 'laptop')
      const phone = await signIn(service, 'ann', 'phone')
      const thief = { browser: laptop.browser.copy() }
      const { status, setCookies } = await change(laptop, PASSWORD, NEW_PASSWORD)
      t.equal(status, 204)
      t.equal(setCookies.length, 1)
      t.equal(await standing(laptop), '200')
      t.equal(await standing(phone), 'password_changed')
      t.equal(await standing(thief), 'password_changed')

      const { body } = await laptop.browser.get('/me')
      t.equal(body.session.id, laptop.session.id, 'it is still the same session')
      t.equal(body.session.expiresAt, laptop.session.expiresAt, 'and does not live longer')

      t.equal((await service.browser().login('ann')).status, 401)
      t.equal((await service.browser().login('ann', { password: NEW_PASSWORD })).status, 200)
      const events = (await laptop.browser.get('/me/timeline')).body.events
      t.match(
        events.map((event: { type: string }) => event.type),
        ['login', 'login_failed', 'password_changed', 'login', 'login'],
      )
    })

    t.test('a wrong current password is a failed attempt, and changes nothing', async (t) => {
      await makeUser(service, 'bob')
      const laptop = await signIn(service, 'bob', 'laptop')
      const phone = await signIn(service, 'bob', 'phone')
      const { status, body, setCookies } = await change(laptop, 'not my password!', NEW_PASSWORD)
      t.equal(status, 401)
      t.equal(body.code, 'invalid_credentials')
      t.strictSame(setCookies, [])
      t.equal(await standing(laptop), '200')
      t.equal(await standing(phone), '200')
      const { events } = (await laptop.browser.get('/me/timeline')).body
      t.match(events[0], { type: 'login_failed', sessionId: laptop.session.id })
    })

    t.test('a new password is held to the same rules as at sign-up', async (t) => {
      const ann = await join(service, 'cid')
      t.match(await change(ann, PASSWORD, 'too short'), {
        status: 422,
        body: { code: 'password_too_short' },
      })
      t.match(await change(ann, PASSWORD, 'passwordpassword123'), {
        status: 422,
        body: { code: 'password_too_common' },
      })
      t.equal(await standing(ann), '200')
      const long = await join(service, 'a-name-of-some-length')
      t.match(await change(long, PASSWORD, 'A-name-of-some-length'), {
        status: 422,
        body: { code: 'password_too_common' },
      })
    })

    t.test('of two changes at once one is made, and the other is told', async (t) => {
      await makeUser(service, 'dan')
      const laptop = await signIn(service, 'dan', 'laptop')
      const phone = await signIn(service, 'dan', 'phone')
      const answers = await Promise.all([
        change(laptop, PASSWORD, NEW_PASSWORD),
        change(phone, PASSWORD, `${NEW_PASSWORD}!`),
      ])
      t.strictSame(answers.map(({ status }) => status).sort(), [204, 401])
      const winner = answers[0].status === 204 ? laptop : phone
      t.equal(await standing(winner), '200')
      t.equal(await standing(winner === laptop ? phone : laptop), 'password_changed')
    })

    t.test('a login with the old password never outlives the change', async (t) => {
      for (let round = 0; round < 10; round++) {
        const name = `racer-${round}`
        const owner = await join(service, name)
        const attackers = Array.from({ length: 2 }, () => service.browser())
        const [changed, ...logins] = await Promise.all([
          change(owner, PASSWORD, NEW_PASSWORD),
          ...attackers.map((browser) => browser.login(name)),
        ])
        t.equal(changed.status, 204)
        t.equal(await standing(owner), '200')
        for (const [i, browser] of attackers.entries()) {
          const { status, body } = logins[i] ?? { status: 0, body: null }
          if (status === 200) t.equal(await standing({ browser }), 'password_changed')
          else t.match(body.code, /^(invalid_credentials|login_superseded)$/)
        }
      }
    })
  })
}

function change({ browser }: Awaited<ReturnType<typeof signIn>>, current: string, next: string) {
  return browser.request('PUT', '/me/password', { currentPassword: current, newPassword: next })
}
