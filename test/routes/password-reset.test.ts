import t from 'tap'
import { hashToken } from '../../src/accounts/tokens.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { PASSWORD } from '../support/browser.ts'
import { startMailServer, tokenIn } from '../support/mail-server.ts'
import { changeUser, giveAddress, join, makeUser, signIn, standing } from '../support/people.ts'
import { ENGINES, type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const ANOTHER = 'another test, another secret'
const PAGE = 'https://app.example/reset#token={token}'

for (const engine of ENGINES) {
  t.test(`who has forgotten their password gets back in by a mail [${engine}]`, async (t) => {
    const mails = await startMailServer(t)
    const env = { MAIL_URL: mails.url, MAIL_FROM: 'Seats <seats@example.org>', RESET_URL: PAGE }
    const service = await startService(t, engine, { env })
    const lost = await join(service, 'ann')
    await giveAddress(service, 'ann', 'ann@example.org')
    const stranger = service.browser()

    const asked = await stranger.post('/password/forgot', { username: ' ANN' })
    t.match(asked, { status: 202, body: '' })
    const mail = await mails.newest('ann@example.org')
    t.match(mail, {
      subject: 'Set another password',
      text: /account ann\..*https:\/\/app\.example\/reset#token=[\w-]{43}\n/s,
      html: /<a href="https:\/\/app\.example\/reset#token=[\w-]{43}">/,
      raw: /^Auto-Submitted: auto-generated\r\nFrom: Seats <seats@example\.org>\r\nTo: ann@example\.org\r\n/,
    })
    const token = tokenIn(mail)
    t.equal(await standing(lost), '200', 'so far nothing has changed')

    const reset = (newPassword: string) => stranger.post('/password/reset', { token, newPassword })
    t.match(await reset('too short'), { status: 422, body: { code: 'password_too_short' } })
    const [one, other] = await Promise.all([reset(ANOTHER), reset(ANOTHER)])
    t.strictSame([one.status, other.status].sort(), [204, 410], 'used once, also at the same moment')
    t.strictSame([...one.setCookies, ...other.setCookies], [], 'it takes no seat')
    t.match(await reset(ANOTHER), { status: 410, body: { code: 'token_used' } })
    t.equal(await standing(lost), 'password_changed')
    t.equal((await stranger.login('ann')).status, 401)
    const back = await stranger.login('ann', { password: ANOTHER })
    t.equal(back.status, 200)
    t.notOk('mustChangePassword' in back.body.user)

    t.match(await mails.newest('ann@example.org', 2), { subject: 'Your password was changed' })
    const { events } = (await stranger.get('/me/timeline')).body
    const types = events.map((event: { type: string }) => event.type)
    t.strictSame(
      types.filter((type: string) => /reset/.test(type)),
      ['password_reset', 'reset_requested'],
    )
    t.match(events.at(-3), { type: 'reset_requested', ip: '127.0.0.0/24' })
    const { session } = (await lost.browser.login('ann', { password: ANOTHER })).body
    const story = (await lost.browser.get('/me/timeline')).body.events
    const isIt = ({ type, sessionId }: { type: string; sessionId: string }) =>
      type === 'login' && sessionId === session.id
    t.equal(story.find(isIt).newDevice, true, 'no device is known any more')
  })

  t.test(`an administrator has somebody set another password [${engine}]`, async (t) => {
    const mails = await startMailServer(t)
    const env = { MAIL_URL: mails.url, MAIL_FROM: 'seats@example.org', RESET_URL: PAGE }
    const service = await startService(t, engine, { env })
    const admin = await join(service, 'root', ['admin'])
    const ann = await join(service, 'ann')
    await giveAddress(service, 'ann', 'ann@example.org')
    const issued = await admin.browser.post(`/admin/users/${ann.user.id}/reset`)
    t.equal(issued.status, 201)
    const { token, url, expiresAt } = issued.body
    t.equal(url, `https://app.example/reset#token=${token}`)
    t.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 3_600_000) < 60_000, 'for an hour')
    t.equal(await standing(ann), 'session_revoked', 'whoever is signed in is out')
    t.equal(await standing(admin), '200')
    const mail = await mails.newest('ann@example.org')
    t.match(mail, { subject: 'Choose another password' })
    t.equal(tokenIn(mail), token)
    const thief = await signIn(service, 'ann')
    t.match(thief.user, { mustChangePassword: true })
    t.match(await thief.browser.get('/verify'), { status: 403 })
    t.equal(
      (await service.browser().post('/password/reset', { token, newPassword: ANOTHER })).status,
      204,
    )
    t.equal(await standing(thief), 'password_changed')
    const { status, body } = await service.browser().login('ann', { password: ANOTHER })
    t.equal(status, 200)
    t.notOk('mustChangePassword' in body.user)
    t.match(await admin.browser.post('/admin/users/nobody/reset'), { status: 404 })
    const story = (await admin.browser.get(`/admin/users/${ann.user.id}/timeline`)).body.events
    for (const what of ['reset_requested', 'session_revoked'])
      t.match(
        story.find(({ type }: { type: string }) => type === what),
        { by: { user: 'root' } },
      )
  })
}

for (const engine of ENGINES) {
  t.test(`what is no good link is told the same, whatever is wrong with it [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const { parts } = service
    await makeUser(service, 'ann')
    const issue = async () => {
      const account = await parts.accounts.findByUsername('ann')
      return account === null ? '' : (await parts.resets.issue(account, '{}')).token
    }
    const reset = (token: unknown) =>
      service.browser().post('/password/reset', { token, newPassword: ANOTHER })
    const refused = { status: 410, body: { code: 'token_used' } }

    for (const token of ['', 'x', 'a'.repeat(43), 'é\0\u{1f511}', 'x'.repeat(5_000), '../..'])
      t.match(await reset(token), refused, token.slice(0, 9))
    t.match(await reset(7), { status: 400 })
    t.match(await service.browser().post('/password/reset', { newPassword: ANOTHER }), { status: 400 })

    const expired = await issue()
    await expire(service, expired)
    t.match(await reset(expired), refused, 'an expired one')

    t.match(
      await service.browser().post('/email/confirm', { token: await issue() }),
      refused,
      'a foreign one',
    )

    const before = await issue()
    const ann = await signIn(service, 'ann')
    const body = { currentPassword: PASSWORD, newPassword: ANOTHER }
    t.equal((await ann.browser.request('PUT', '/me/password', body)).status, 204)
    t.match(await reset(before), refused, 'one from before the password was changed')

    const elsewhere = await issue()
    await giveAddress(service, 'ann', 'ann@example.org')
    t.match(await reset(elsewhere), refused, 'one from before the address was changed')

    const two = await Promise.all([issue(), issue()])
    const used = [(await reset(two[0])).status, (await reset(two[1])).status]
    t.strictSame(used.sort(), [204, 410], 'one from before another that an administrator made')
  })
}

for (const engine of ENGINES) {
  t.test(`no mail goes to who has no address, may not sign in, or is nobody [${engine}]`, async (t) => {
    const mails = await startMailServer(t)
    const env = { MAIL_URL: mails.url, MAIL_FROM: 'seats@example.org' }
    const service = await startService(t, engine, { env })
    for (const name of ['ann', 'dan', 'zoe']) await makeUser(service, name)
    await giveAddress(service, 'dan', 'dan@example.org')
    await changeUser(service, 'dan', { disabled: true })
    await giveAddress(service, 'zoe', 'zoe@example.org')
    const forgot = (username: string) => service.browser().post('/password/forgot', { username })
    for (const name of ['nobody', 'ann', 'dan', 'zoe']) t.equal((await forgot(name)).status, 202)
    const mail = await mails.newest('zoe@example.org')
    t.match(mail.text, /^[\w-]{43}$/m, 'without a page for it, the token itself')
    t.strictSame(
      mails.received.map(({ to }) => to),
      ['zoe@example.org'],
    )
    t.match(await forgot('no name'), { status: 400 })
  })
}

for (const engine of ENGINES) {
  t.test(
    `nobody can be buried in mail, and no network can try tokens for ever [${engine}]`,
    async (t) => {
      const mails = await startMailServer(t)
      const env = { MAIL_URL: mails.url, MAIL_FROM: 'seats@example.org', TRUST_PROXY: '127.0.0.1' }
      const service = await startService(t, engine, { env })
      await makeUser(service, 'ann')
      await giveAddress(service, 'ann', 'ann@example.org')
      await makeUser(service, 'bob')
      await giveAddress(service, 'bob', 'bob@example.org')
      const from = (ip: string) => service.browser({ 'x-forwarded-for': ip })
      for (let i = 0; i < 10; i++) {
        const { status } = await from(`203.0.113.${i}`).post('/password/forgot', { username: 'ann' })
        t.equal(status, 202, 'and nobody is told')
      }
      await from('203.0.113.99').post('/password/forgot', { username: 'bob' })
      await mails.newest('bob@example.org')
      const toAnn = () => mails.received.filter(({ to }) => to === 'ann@example.org').length
      await until(() => toAnn() >= 3) // the mails of one user go out one after another
      t.equal(toAnn(), 3)

      const spammer = from('198.51.100.1')
      const asked = []
      for (let i = 0; i < 31; i++) {
        const { status } = await spammer.post('/password/forgot', { username: `user${i}` })
        asked.push(status)
      }
      t.strictSame(asked, [...Array(30).fill(202), 429])

      const guesser = from('198.51.100.2')
      const guess = () => guesser.post('/password/reset', { token: 'x', newPassword: ANOTHER })
      for (let i = 0; i < 100; i++) t.equal((await guess()).status, 410)
      const refused = await guess()
      t.match(refused, { status: 429, body: { code: 'too_many_attempts' } })
      t.match(refused.headers.get('retry-after'), /^\d+$/)
    },
  )
}

async function expire({ engines: { db } }: Service, token: string): Promise<void> {
  const tokens = queriesFor(db).updateTable('oneseat_tokens').set({ expires_at: 1 })
  await db.run(tokens.where('hash', '=', hashToken(token)))
}
