import t from 'tap'
import { join, makeUser, signIn, standing } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

// Policies that let nobody go unasked.

for (const engine of BOTH_ENDS) {
  t.test(`all seats taken: refuse [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { ON_LIMIT: 'refuse' } })

    t.test('the new login is refused with the list, and no cookie', async (t) => {
      const { browser, session } = await join(service, 'ann')
      const { status, body, setCookies } = await service.browser().login('ann')
      t.match({ status, body }, { status: 409, body: { code: 'session_limit_reached' } })
      t.match(body.sessions, [{ id: session.id, ip: '127.0.0.0/24', current: false }])
      t.strictSame(setCookies, [])
      t.equal(await standing({ browser }), '200')
    })

    t.test('to name a session is no way past the refusal', async (t) => {
      const { browser, session } = await join(service, 'bob')
      t.equal((await service.browser().login('bob', { replace: session.id })).status, 409)
      t.equal(await standing({ browser }), '200')
    })

    t.test('a device that was not seen for five minutes locks nobody out', async (t) => {
      const left = await join(service, 'cid')
      t.equal(await standing(left), '200', 'it was used once')
      service.advance(4 * 60_000)
      t.equal((await service.browser().login('cid')).status, 409)
      service.advance(60_000)
      const { status, body } = await service.browser().login('cid')
      t.equal(status, 200)
      t.match(body.replaced, [{ id: left.session.id }])
      t.equal(await standing(left), 'session_replaced')
    })

    t.test(
      'a login that nobody has used, as if its answer got lost, does so for 10 seconds',
      async (t) => {
        const lost = await join(service, 'gil')
        service.advance(9_000)
        t.equal((await service.browser().login('gil')).status, 409)
        service.advance(1_000)
        t.match(await service.browser().login('gil'), {
          status: 200,
          body: { replaced: [{ id: lost.session.id }] },
        })
        t.equal(await standing(lost), 'session_replaced')
      },
    )

    t.test('a device in use keeps its seat for as long as it is used', async (t) => {
      const used = await join(service, 'dan')
      for (let minute = 0; minute < 12; minute += 2) {
        service.advance(2 * 60_000)
        t.equal(await standing(used), '200')
        t.equal((await service.browser().login('dan')).status, 409)
      }
    })

    t.test('a seat whose session ended or ran out is free', async (t) => {
      const left = await join(service, 'eve')
      await left.browser.post('/logout')
      t.match(await service.browser().login('eve'), { status: 200, body: { replaced: [] } })
    })

    t.test('of 30 simultaneous logins one gets the free seat', async (t) => {
      await makeUser(service, 'fay')
      const browsers = Array.from({ length: 30 }, () => service.browser())
      const answers = await Promise.all(browsers.map((browser) => browser.login('fay')))
      const codes = await Promise.all(browsers.map((browser) => standing({ browser })))
      t.equal(codes.filter((code) => code === '200').length, 1)
      t.equal(answers.filter(({ status }) => status === 200).length, 1, 'and nobody was replaced')
    })
  })

  t.test(`all seats taken: ask [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { ON_LIMIT: 'ask', SESSION_LIMIT: '2' } })

    t.test('the client chooses from the list, and the chosen one makes way', async (t) => {
      await makeUser(service, 'ann')
      const laptop = await signIn(service, 'ann', 'laptop')
      const phone = await signIn(service, 'ann', 'phone')
      const tablet = service.browser()
      const asked = await tablet.login('ann')
      t.match(asked, { status: 409, body: { code: 'session_limit_reached' } })
      t.match(asked.body.sessions, [{ device: { name: 'laptop' } }, { device: { name: 'phone' } }])
      const chosen = asked.body.sessions[1].id
      const { status, body } = await tablet.login('ann', { device: 'tablet', replace: chosen })
      t.equal(status, 200)
      t.match(body.replaced, [{ id: phone.session.id }])
      t.equal(await standing(phone), 'session_replaced')
      t.equal(await standing(laptop), '200')
    })

    t.test('an id that is foreign, dead or made up opens no further seat and ends nobody', async (t) => {
      const stranger = await join(service, 'stranger')
      await makeUser(service, 'bob')
      const dead = await signIn(service, 'bob')
      await dead.browser.post('/logout')
      const devices = [await signIn(service, 'bob'), await signIn(service, 'bob')]
      for (const replace of [stranger.session.id, dead.session.id, 'nobody', '']) {
        t.match(await service.browser().login('bob', { replace }), {
          status: 409,
          body: { code: 'session_limit_reached' },
        })
      }
      t.strictSame(await Promise.all([stranger, ...devices].map(standing)), ['200', '200', '200'])
    })

    t.test('when all choose the same session, one of them gets its seat', async (t) => {
      await makeUser(service, 'cid')
      const kept = await signIn(service, 'cid')
      const chosen = await signIn(service, 'cid')
      const browsers = Array.from({ length: 10 }, () => service.browser())
      const answers = await Promise.all(
        browsers.map((browser) => browser.login('cid', { replace: chosen.session.id })),
      )
      t.equal(answers.filter(({ status }) => status === 200).length, 1)
      t.equal(await standing(kept), '200')
      t.equal(await standing(chosen), 'session_replaced')
    })
  })
}
