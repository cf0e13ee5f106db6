import t, { type Test } from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { burst } from '../support/burst.ts'
import { unlessAnswered } from '../support/check.ts'
import type { NaiveKind } from '../support/naive.ts'
import { type Instance, startInstance } from '../support/process.ts'
import { BOTH_ENDS, type EngineName } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

// Three processes on the same stores: what one of them answers binds the others.

for (const engine of BOTH_ENDS) {
  t.test(`three processes [${engine}]`, async (t) => {
    const instances = await startThree(t, engine, null)

    await t.test(
      'P1, P2, P5, P6, P8: fifty logins, with requests of an older device under way',
      async (t) => {
        const read = await fiftyLogins(instances, 'reader', 'GET', '/slow')
        const changed = await fiftyLogins(instances, 'writer', 'POST', '/slow-change')
        t.strictSame(read.underWay, [], 'P1: a read that is under way brings nothing back')
        t.strictSame(changed.underWay, [], 'P2: a change that is under way brings nothing back')
        t.strictSame([...read.logouts, ...changed.logouts], [], 'P5: late logouts end nobody else')
        t.strictSame([...read.cookies, ...changed.cookies], [], 'P6: a late answer sets no cookie')
        t.strictSame([...read.burst, ...changed.burst], [], 'P8: exactly one is signed in')
      },
    )

    await t.test(
      'P18: a device kicked through one process is refused by the others at once',
      async (t) => {
        const urls = instances.map(({ url }) => url)
        await register(urls[0] as string, 'ann')
        let older: Browser | null = null
        for (let i = 0; i < 9; i++) {
          const newer: Browser = new Browser(urls[i % 3] as string)
          t.equal((await newer.login('ann')).status, 200)
          const kicked = await older?.copy(urls[(i + 1) % 3]).get('/me')
          if (kicked !== undefined) t.match(kicked, { status: 401, body: { code: 'session_replaced' } })
          t.equal((await newer.copy(urls[(i + 2) % 3]).get('/me')).status, 200)
          older = newer
        }
      },
    )
  })
}

t.test('the same checks find the faults of naive rules in three processes', async (t) => {
  const indexed = await startThree(t, 'redis', 'index')
  const read = await fiftyLogins(indexed, 'reader', 'GET', '/slow')
  t.match(read.underWay, ['the old session got 200'], 'P1')
  t.match(read.cookies, ['a late answer set a cookie'], 'P6')
  t.ok(read.burst.includes('more than one device is signed in'), 'P8')
  const changed = await fiftyLogins(indexed, 'writer', 'POST', '/slow-change')
  t.match(changed.underWay, ['the old session got 200'], 'P2')
})

async function startThree(t: Test, engine: EngineName, naive: NaiveKind | null): Promise<Instance[]> {
  const env = { ...(await sharedStores(t, engine)), ...(naive === null ? {} : { NAIVE: naive }) }
  const start = () => startInstance(env, { program: 'test/support/slow-server.ts' })
  const instances = await Promise.all([start(), start(), start()])
  t.teardown(() => Promise.all(instances.map((instance) => instance.stop())))
  return instances
}

async function register(url: string, username: string): Promise<void> {
  const { status } = await new Browser(url).post('/register', { username, password: PASSWORD })
  if (status !== 201) throw new Error(`registering ${username} got ${status}`)
}

/** Fifty logins while requests of an older device are under way in all processes; then that device logs out, late. */
async function fiftyLogins(
  instances: readonly Instance[],
  username: string,
  method: string,
  path: string,
) {
  const urls = instances.map(({ url }) => url)
  const first = urls[0] as string
  await register(first, username)
  const old = new Browser(first)
  await old.login(username)
  const underWay = urls.map((url) => old.copy(url).request(method, path))
  for (const url of urls) {
    const control = new Browser(url)
    await until(async () => (await control.get('/waiting')).body.waiting === 1)
  }
  const { wrong, winner } = await burst(urls, username)

  await Promise.all(urls.map((url) => new Browser(url).post('/open')))
  const late = await Promise.all(underWay)
  const revived = await Promise.all(urls.map((url) => old.copy(url).get('/me')))
  const logouts = await Promise.all([...urls, ...urls].map((url) => old.copy(url).post('/logout')))
  const survived = await Promise.all(
    urls.map(async (url) => (await winner?.copy(url).get('/me'))?.status),
  )
  return {
    burst: wrong,
    underWay: [
      ...late.flatMap((answer) => unlessAnswered('the request under way', answer, 200)),
      ...revived.flatMap((answer) => unlessAnswered('the old session', answer, 401, 'session_replaced')),
    ],
    cookies: late.flatMap((answer) => answer.setCookies.map(() => 'a late answer set a cookie')),
    logouts: [
      ...logouts.flatMap((answer) => unlessAnswered('the late logout', answer, 204)),
      ...(survived.every((status) => status === 200) ? [] : ['nobody is signed in']),
    ],
  }
}
