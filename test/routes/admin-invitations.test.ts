import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { startMailServer, tokenIn } from '../support/mail-server.ts'
import { changeUser, join, makeUser } from '../support/people.ts'
import { ENGINES, startService } from '../support/service.ts'

for (const engine of ENGINES) {
  t.test(`who is invited makes an account, once [${engine}]`, async (t) => {
    const mails = await startMailServer(t)
    const env = {
      ...{ SIGNUP: 'closed', INVITE_URL: 'https://app.example/join#token={token}' },
      ...{ MAIL_URL: mails.url, MAIL_FROM: 'seats@example.org' },
    }
    const service = await startService(t, engine, { env })
    const admin = await join(service, 'root', ['admin'])
    const invite = (body: object) => admin.browser.post('/admin/invitations', body)
    const register = (username: string, invitation: unknown, password = PASSWORD) =>
      service.browser().post('/register', { username, password, invitation })

    const issued = await invite({ roles: ['editor'] })
    t.equal(issued.status, 201)
    const { token, url, expiresAt } = issued.body
    t.equal(url, `https://app.example/join#token=${token}`)
    t.ok(Date.parse(expiresAt) - Date.now() > 6.9 * 86_400_000, 'for seven days')
    t.match(await service.browser().post('/register', { username: 'ann', password: PASSWORD }), {
      status: 403,
    })
    const refused = { status: 410, body: { code: 'token_used' } }
    t.match(await register('ann', 'x'), refused)
    t.match(await register('ann', 7), { status: 400 })
    t.match(await register('ann', token, 'too short'), { status: 422 })
    t.match(await register('root', token), { status: 409, body: { code: 'username_taken' } })
    const both = await Promise.all([register('ann', token), register('bob', token)])
    t.strictSame(both.map(({ status }) => status).sort(), [201, 410], 'one, also at the same moment')
    t.match(both.find(({ status }) => status === 201)?.body, { user: { roles: ['editor'] } })
    t.match(await register('carl', token), refused)

    const named = (await invite({ username: 'Zoë' })).body.token
    t.match(await register('eve', named), { status: 400, body: { errors: [{ path: '/username' }] } })
    t.match(await register('ZOË', named), {
      status: 201,
      body: { user: { username: 'zoë', roles: [] } },
    })
    t.match(await invite({ username: 'root' }), { status: 409, body: { code: 'username_taken' } })
    t.match(await invite({ username: 'no name' }), { status: 400 })
    t.match(await invite({ roles: ['No Role'] }), { status: 400 })
    t.match(await invite({ email: 'ann@example.org\nBcc: eve@example.org' }), { status: 400 })

    t.match(await invite({ email: 'zoe@example.org' }), { status: 201, body: { url: /#token=/ } })
    const mail = await mails.newest('zoe@example.org')
    t.match(mail, { subject: 'You are invited', text: /https:\/\/app\.example\/join#token=/ })
    t.match(await register('zoe', tokenIn(mail)), { status: 201 })
    t.notOk('email' in (await service.browser().login('zoe')).body.user, 'which confirms no address')
  })
}

for (const engine of ENGINES) {
  t.test(`the invitations of who is no administrator any more are void [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { SIGNUP: 'closed' } })
    await makeUser(service, 'root', ['admin'])
    for (const [name, end] of [
      ['demoted', () => changeUser(service, 'demoted', { roles: [] })],
      ['disabled', () => changeUser(service, 'disabled', { disabled: true })],
    ] as const) {
      const admin = await join(service, name, ['admin'])
      const { token: invitation, url } = (await admin.browser.post('/admin/invitations', {})).body
      t.equal(url, undefined)
      await end()
      const body = { username: 'ann', password: PASSWORD, invitation }
      t.match(await service.browser().post('/register', body), { status: 410 }, name)
    }
    const user = await join(service, 'ann')
    t.match(await user.browser.post('/admin/invitations', {}), {
      status: 403,
      body: { code: 'forbidden' },
    })
  })
}
