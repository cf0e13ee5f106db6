import t, { type Test } from 'tap'
import { BRAKES } from '../../src/throttle/throttle.ts'
import { Browser, PASSWORD } from '../support/browser.ts'
import { BOTH_ENDS, type EngineName } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'
import { openWires, type Wire } from '../support/wires.ts'
import { startWorkers } from '../support/workers.ts'

// One program, two workers: what one of them answers binds the other, and each knows what the other knows.

for (const engine of BOTH_ENDS) {
  t.test(`two workers [${engine}]`, async (t) => {
    const { url, pids } = await start(t, engine)
    const wires = await openWires(t, url, pids)
    const [one, other] = wires as [Wire, Wire]

    await t.test('P18: a device kicked through one is refused by the other at once', async (t) => {
      await register(url, 'ann')
      let older: Browser | undefined
      for (let i = 0; i < 10; i++) {
        const [here, there] = i % 2 === 0 ? [one, other] : [other, one]
        const newer = here.device()
        t.equal((await newer.login('ann')).status, 200)
        for (const wire of older === undefined ? [] : [there, here]) {
          const kicked = await wire.device(older).get('/me')
          t.match(kicked, { status: 401, body: { code: 'session_replaced' } })
        }
        t.equal((await there.device(newer).get('/me')).status, 200)
        older = newer
      }
    })

    await t.test('a stream on one hears at once of an ending on the other', async (t) => {
      await register(url, 'eve')
      const laptop = one.device()
      await laptop.login('eve')
      const [streaming] = (await openWires(t, url, [one.worker])) as [Wire]
      const opened = performance.now()
      const stream = streaming.device(laptop).get('/me/events')
      await one.device().get('/health/live') // the stream is open
      await other.device().login('eve', { device: 'phone' })
      t.match((await stream).body, /event: session\.ended\ndata: .*"code":"session_replaced"/)
      t.ok(performance.now() - opened < 4_000, 'before it would have looked by itself')
    })

    await t.test('wrong passwords count for both', async (t) => {
      await register(url, 'bob')
      const statuses: number[] = []
      for (let i = 0; i <= BRAKES.name.free; i++) {
        const wire = i % 2 === 0 ? one : other
        statuses.push((await wire.device().login('bob', { password: 'not it' })).status)
      }
      t.strictSame(statuses, [401, 401, 401, 401, 401, 429])
      for (const wire of wires) t.equal((await wire.device().login('bob')).status, 429)
    })

    await t.test('each tells the metrics of both', async (t) => {
      const before = await Promise.all(wires.map(loginsTold))
      t.equal(before[0], before[1])
      await register(url, 'joe')
      for (const wire of wires) await wire.device().login('joe')
      const after = await Promise.all(wires.map(loginsTold))
      t.strictSame(
        after,
        before.map((count) => count + 2),
      )
      const answers = (await wires[0]?.device().get('/metrics'))?.body
      const { count } =
        /^oneseat_request_duration_seconds_count\{method="POST",status="200"\} (?<count>\d+)$/m.exec(
          answers,
        )?.groups ?? {}
      t.equal(Number(count), after[0], 'a login is a POST that is answered with 200')
    })
  })
}

t.test('while the primary process does not answer, each counts by itself', async (t) => {
  const { instance, url, pids } = await start(t, 'sqlite')
  await register(url, 'ann')
  const wires = await openWires(t, url, pids.slice(0, 1), BRAKES.name.free)
  const guess = async (wire: Wire) => (await wire.device().login('ann', { password: 'not it' })).status

  instance.signal('SIGSTOP')
  t.strictSame(await Promise.all(wires.map(guess)), [401, 401, 401, 401, 401])
  t.equal(await guess(wires[0] as Wire), 429, 'never not at all')
})

async function start(t: Test, engine: EngineName) {
  // Coverage makes the start slower.
  const options = { counted: engine === 'sqlite' }
  const { instance, pids } = await startWorkers(t, await sharedStores(t, engine), options)
  return { instance, pids, url: instance.url }
}

async function register(url: string, username: string): Promise<void> {
  const { status } = await new Browser(url).post('/register', { username, password: PASSWORD })
  if (status !== 201) throw new Error(`registering ${username} got ${status}`)
}

async function loginsTold(wire: Wire): Promise<number> {
  const { body } = await wire.device().get('/metrics')
  return Number(/^oneseat_events_total\{type="login"\} (\d+)$/m.exec(body)?.[1])
}
