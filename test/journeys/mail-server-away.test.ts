import t from 'tap'
import { startMailServer } from '../support/mail-server.ts'
import { allSent } from '../support/outbox.ts'
import { giveAddress, makeUser } from '../support/people.ts'
import { ENGINES, startService } from '../support/service.ts'

/** Each waits ten seconds for the next attempt. */
const AT_ONCE = { buffered: true }

t.jobs = ENGINES.length

for (const engine of ENGINES) {
  t.test(`a dead mail server loses nothing and holds up nothing [${engine}]`, AT_ONCE, async (t) => {
    const dead = await startMailServer(t)
    const port = Number(new URL(dead.url).port)
    await dead.stop()
    const env = { MAIL_URL: dead.url, MAIL_FROM: 'seats@example.org' }
    const service = await startService(t, engine, { env })
    await makeUser(service, 'ann')
    await giveAddress(service, 'ann', 'ann@example.org')
    const forgot = (username: string) => service.browser().post('/password/forgot', { username })
    t.equal((await forgot('ann')).status, 202)
    t.equal((await service.browser().login('ann')).status, 200)
    const mails = await startMailServer(t, port)
    await allSent(service, 'mail')
    await mails.newest('ann@example.org')
    t.equal(mails.received.length, 1)
  })

  t.test(
    `an address that the mail server refuses is in nobody else’s way [${engine}]`,
    AT_ONCE,
    async (t) => {
      const mails = await startMailServer(t)
      const env = { MAIL_URL: mails.url, MAIL_FROM: 'seats@example.org' }
      const service = await startService(t, engine, { env })
      mails.refused.add('ann@example.org')
      for (const name of ['ann', 'bob']) {
        await makeUser(service, name)
        await giveAddress(service, name, `${name}@example.org`)
        t.equal((await service.browser().post('/password/forgot', { username: name })).status, 202)
      }
      await mails.newest('bob@example.org')
      t.equal(mails.received.length, 1)
      mails.refused.clear()
      await allSent(service, 'mail')
      await mails.newest('ann@example.org')
    },
  )
}
