import type { ServerResponse } from 'node:http'
import t from 'tap'
import { allSent } from '../support/outbox.ts'
import { makeUser } from '../support/people.ts'
import { startReceiver } from '../support/receiver.ts'
import { ENGINES, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

for (const engine of ENGINES) {
  t.test(`a receiver that takes no messages loses none, and blocks nobody [${engine}]`, async (t) => {
    const receiver = await startReceiver(t)
    const service = await startService(t, engine, { env: receiver.env })
    const [ready, mended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const ways: Record<string, (response: ServerResponse) => unknown> = {
      refused: (response) => response.writeHead(500).end(),
      hanging: (response) => mended.promise.then(() => response.destroy()),
      closing: (response) => response.destroy(),
      flooding: (response) => response.writeHead(500).end('x'.repeat(10_000_000)),
    }
    const names = [...Object.keys(ways), 'ann']
    const bad = new Map<string, (response: ServerResponse) => unknown>()
    receiver.answer = async ({ data }, response) => {
      await ready.promise
      await bad.get(data.userId)?.(response)
    }
    for (const name of names) {
      await makeUser(service, name)
      const account = await service.parts.accounts.findByUsername(name)
      const way = ways[name]
      if (account !== null && way !== undefined) bad.set(account.id, way)
    }
    ready.resolve()
    for (const name of names) t.equal((await service.browser().login(name)).status, 200)
    await until(() => receiver.received.length >= 2, 20_000)
    await until(
      () => new Set(receiver.came.map(({ data }) => data.userId)).size === names.length,
      20_000,
    )
    t.equal(receiver.received.length, 2, 'those of the others have arrived')

    bad.clear()
    mended.resolve()
    await allSent(service, 'webhook')
    const told = new Set(receiver.received.map(({ id }) => id))
    t.equal(told.size, 2 * names.length, 'nothing is lost')
    for (const name of names) {
      const account = await service.parts.accounts.findByUsername(name)
      const theirs = receiver.received.filter(({ data }) => data.userId === account?.id)
      t.strictSame([...new Set(theirs.map(({ type }) => type))], ['registered', 'login'], 'in order')
    }
  })
}
