import t from 'tap'
import { join, makeUser, signIn, standing } from '../support/people.ts'
import { ENGINES, startService } from '../support/service.ts'

const FIREFOX = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
}

for (const engine of ENGINES) {
  t.test(engine, async (t) => {
    const service = await startService(t, engine, { env: { SESSION_LIMIT: '3' } })

    t.test('the list shows every device, newest first, and no secret', async (t) => {
      await makeUser(service, 'ann')
      const laptop = await signIn(service, 'ann', 'laptop', FIREFOX)
      const phone = await signIn(service, 'ann', 'phone')
      const { status, body } = await laptop.browser.get('/me/sessions')
      t.equal(status, 200)
      t.match(body.sessions, [
        { id: phone.session.id, current: false, ip: '127.0.0.0/24', device: { name: 'phone' } },
        {
          id: laptop.session.id,
          current: true,
          ip: '127.0.0.1',
          device: { name: 'laptop', os: 'Linux', browser: 'Firefox' },
          createdAt: laptop.session.createdAt,
          expiresAt: laptop.session.expiresAt,
        },
      ])
      t.equal(body.sessions.length, 2)
      const [, secret = ''] = (laptop.browser.jar.get('oneseat') ?? '').split('.')
      t.equal(secret.length, 43)
      t.notOk(JSON.stringify(body).includes(secret))
      t.strictSame(Object.keys(body.sessions[0]).sort(), SESSION_FIELDS)
    })

    t.test(
      'a device that I end is out at once, and the timeline says which device did it',
      async (t) => {
        await makeUser(service, 'bob')
        const laptop = await signIn(service, 'bob', 'laptop')
        const phone = await signIn(service, 'bob', 'phone')
        t.equal((await phone.browser.request('DELETE', `/me/sessions/${laptop.session.id}`)).status, 204)
        t.equal(await standing(laptop), 'session_revoked')
        t.equal(await standing(phone), '200')
        const { body } = await phone.browser.get('/me/timeline')
        t.match(body.events[0], {
          type: 'session_revoked',
          sessionId: laptop.session.id,
          device: { name: 'laptop' },
          by: { device: { name: 'phone' }, ip: '127.0.0.0/24' },
        })
      },
    )

    t.test('to end the session that asks is to log out', async (t) => {
      const { browser, session } = await join(service, 'cid')
      const before = browser.copy()
      const { status, setCookies } = await browser.request('DELETE', `/me/sessions/${session.id}`)
      t.equal(status, 204)
      t.match(setCookies, [/^oneseat=; Max-Age=0; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/])
      t.notOk(browser.jar.has('oneseat'))
      t.equal(await standing({ browser: before }), 'logged_out')
    })

    t.test('an id that is foreign, dead, made up or a secret ends nothing', async (t) => {
      await makeUser(service, 'dan')
      const dead = await signIn(service, 'dan')
      await dead.browser.post('/logout')
      const dan = await signIn(service, 'dan')
      const eve = await join(service, 'eve')
      const token = (dan.browser.jar.get('oneseat') ?? '').split('.')[1]
      for (const id of [eve.session.id, dead.session.id, 'nobody', token]) {
        const { status, body } = await dan.browser.request('DELETE', `/me/sessions/${id}`)
        t.equal(status, 404)
        t.equal(body.code, 'not_found')
      }
      t.equal(await standing(eve), '200')
      t.equal(await standing(dan), '200')
    })

    t.test('what has run out is not on the list', async (t) => {
      await makeUser(service, 'fay')
      await signIn(service, 'fay', 'forgotten')
      service.advance(29 * 60_000)
      const used = await signIn(service, 'fay', 'used')
      service.advance(2 * 60_000)
      const { body } = await used.browser.get('/me/sessions')
      t.match(body.sessions, [{ device: { name: 'used' } }])
      t.equal(body.sessions.length, 1)
    })
  })
}

const SESSION_FIELDS = [
  'createdAt',
  'current',
  'device',
  'epoch',
  'expiresAt',
  'id',
  'idleExpiresAt',
  'ip',
  'lastSeenAt',
]
