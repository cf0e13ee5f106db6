import { createServer } from 'node:net'
import t from 'tap'
import { openPost } from '../../src/mail/transport.ts'
import { startMailServer } from '../support/mail-server.ts'

const MAIL = { subject: 'Hello', text: 'Hello,\n\nyou.\n', html: '<p>Hello</p>' }
const FROM = 'Seats <seats@example.org>'

t.test('a mail is one mail to one address, as text and as HTML', async (t) => {
  const mails = await startMailServer(t)
  const post = openPost({ url: mails.url, from: FROM })
  t.teardown(() => post.close())
  await post.send('ann@example.org', MAIL)
  t.match(mails.received, [{ to: 'ann@example.org', subject: 'Hello', html: '<p>Hello</p>' }])
  t.equal(mails.received.length, 1)
})

t.test('an address that is refused is told, and the next mail arrives', async (t) => {
  const mails = await startMailServer(t)
  const post = openPost({ url: mails.url, from: FROM })
  t.teardown(() => post.close())
  mails.refused.add('eve@example.org')
  await t.rejects(post.send('eve@example.org', MAIL), { message: /550/ })
  await post.send('ann@example.org', MAIL)
  t.equal(mails.received.length, 1)
})

t.test('a mail server that is not there, or says nothing, is told in time', async (t) => {
  const mute = createServer(() => {})
  await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done))
  t.teardown(() => mute.close())
  const { port } = mute.address() as { port: number }
  const post = openPost({ url: `smtp://127.0.0.1:${port}`, from: FROM }, 100)
  await t.rejects(post.send('ann@example.org', MAIL), { code: 'ETIMEDOUT' })
  await post.close()
  const nobody = openPost({ url: 'smtp://127.0.0.1:1', from: FROM }, 1_000)
  await t.rejects(nobody.send('ann@example.org', MAIL), { code: 'ESOCKET' })
  await nobody.close()
  await t.rejects(nobody.send('ann@example.org', MAIL), { message: 'the service stops' })
})
