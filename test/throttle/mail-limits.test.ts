import t from 'tap'
import { bucketsWith } from '../../src/throttle/buckets.ts'
import { LIMITS } from '../../src/throttle/limits.ts'
import { localCounters } from '../../src/throttle/local.ts'
import { limitMails } from '../../src/throttle/mail-limits.ts'

const SECRET = 'a secret that all the instances share'

t.test('strangers who ask all day keep nobody from having a good link', async (t) => {
  const counters = localCounters()
  t.teardown(() => counters.close())
  const { mayMail } = limitMails(counters, SECRET)
  let sent = 0
  for (let hour = 0; hour < 24; hour++) {
    await counters.forget(bucketsWith(SECRET).keyOf('mail-hour', 'ann'))
    t.equal(await mayMail('ann'), true, `a link is good for an hour, and this is hour ${hour}`)
    sent++
    for (let more = 0; more < 9; more++) if (await mayMail('ann')) sent++
  }
  t.equal(sent, LIMITS.mailDay.free + 20, 'and few are sent')
})
