import t from 'tap'
import { queriesFor } from '../../src/database/tables.ts'
import { Browser, PASSWORD } from '../support/browser.ts'
import { startMailServer } from '../support/mail-server.ts'
import { join } from '../support/people.ts'
import { startInstance } from '../support/process.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { ENGINES, startService } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const newPassword = 'another test, another secret'

for (const engine of ENGINES) {
  t.test(`who sends mails themselves is told each token [${engine}]`, async (t) => {
    const receiver = await startReceiver(t)
    const page = 'https://app.example/join#token={token}'
    const env = { ...receiver.env, SIGNUP: 'closed', INVITE_URL: page }
    const service = await startService(t, engine, { env })
    const admin = await join(service, 'root', ['admin'])

    await admin.browser.post('/admin/invitations', { username: 'ann', email: 'ann@example.org' })
    const invited = await told(receiver, 'invitation.created')
    t.match(invited, { username: 'ann', email: 'ann@example.org', expiresAt: /Z$/ })
    t.equal(invited.url, page.replace('{token}', invited.token))
    const stranger = service.browser()
    const account = { username: 'ann', password: PASSWORD, email: 'ann@example.org' }
    const { body } = await stranger.post('/register', { ...account, invitation: invited.token })
    const userId = body.user.id

    const asked = await told(receiver, 'email.confirmation_requested')
    t.match(asked, { userId, username: 'ann', email: 'ann@example.org' })
    t.equal((await stranger.post('/email/confirm', { token: asked.token })).status, 204)

    await stranger.post('/password/forgot', { username: 'ann' })
    const forgotten = await told(receiver, 'password.reset_requested')
    t.match(forgotten, { userId, username: 'ann', email: 'ann@example.org' })
    t.equal(forgotten.url, null, 'no page takes it')

    const { db, outbox } = service.engines
    await until(async () => (await outbox.queue.counts('webhook')).waiting === 0)
    for (const table of ['oneseat_tokens', 'oneseat_outbox', 'oneseat_timeline'] as const) {
      const rows = await db.run(queriesFor(db).selectFrom(table).selectAll())
      t.notMatch(JSON.stringify(rows), forgotten.token, `${table} does not have it`)
    }
    const { status } = await stranger.post('/password/reset', { token: forgotten.token, newPassword })
    t.equal(status, 204)
  })
}

t.test('no log line has a token in it', async (t) => {
  const [receiver, mails] = [await startReceiver(t), await startMailServer(t)]
  const mailer = { MAIL_URL: mails.url, MAIL_FROM: 'seats@example.org' }
  const stores = await sharedStores(t, 'sqlite')
  const instance = await startInstance({ ...stores, ...receiver.env, ...mailer, LOG_LEVEL: 'trace' })
  t.teardown(() => instance.stop())
  const browser = new Browser(instance.url)
  const email = 'ann@example.org'
  await browser.post('/register', { username: 'ann', password: PASSWORD, email })
  const { token: confirms } = await told(receiver, 'email.confirmation_requested')
  t.match((await mails.newest(email)).text, confirms)
  for (const status of [204, 410])
    t.equal((await browser.post('/email/confirm', { token: confirms })).status, status)
  await browser.post('/password/forgot', { username: 'ann' })
  const { token } = await told(receiver, 'password.reset_requested')
  for (const status of [204, 410])
    t.equal((await browser.post('/password/reset', { token, newPassword })).status, status)
  await until(() => instance.logs.some(({ event }) => event === 'password_reset'))
  const text = JSON.stringify(instance.logs) + instance.stderr()
  for (const secret of [token, confirms]) t.notOk(text.includes(secret))
})

/** What the receiver is told of this type, as soon as it comes. */
async function told(receiver: Receiver, type: string): Promise<Told> {
  const find = () => receiver.received.find((each) => each.type === type)?.data
  await until(() => find() !== undefined, 20_000)
  const data: Record<string, unknown> = find() ?? {}
  return { ...data, token: String(data['token']), url: data['url'] }
}

type Told = { token: string; url: unknown; [name: string]: unknown }
