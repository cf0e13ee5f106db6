import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'
import { PLACES, sharedPlace } from '../support/stores.ts'
import { until } from '../support/until.ts'

/** More than the eight messages that one process has under way. */
const USERS = 12

for (const where of PLACES) {
  t.test(`two processes share the messages, and none is sent twice [${where}]`, async (t) => {
    const receiver = await startReceiver(t)
    const stores = await sharedPlace(t, where)
    const env = { ...stores, ...receiver.env }
    const instances = await Promise.all([startInstance(env), startInstance(env)])
    t.teardown(() => Promise.all(instances.map((instance) => instance.stop())))
    const users = Array.from({ length: USERS }, (_, n) => {
      return { username: `user-${n}`, browser: new Browser(instances[n % 2]?.url ?? '') }
    })
    for (const { username, browser } of users)
      t.equal((await browser.post('/register', { username, password: PASSWORD })).status, 201)
    await until(() => receiver.received.length === USERS, 30_000)

    // The message of each login is held until all have come: one process alone never has so many under way.
    const held = Promise.withResolvers<void>()
    receiver.answer = () => (receiver.came.length < 2 * USERS ? held.promise : held.resolve())
    await Promise.all(
      users.map(async ({ username, browser }) => {
        t.equal((await browser.login(username)).status, 200)
      }),
    )
    await until(() => receiver.received.length === 2 * USERS, 30_000)
    const came = receiver.came.map(({ id }) => id)
    t.equal(came.length, 2 * USERS)
    t.equal(new Set(came).size, came.length)
  })
}
