import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { type Instance, startInstance } from '../support/process.ts'
import { BOTH_ENDS } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'

// What was acknowledged is still so after the process ended, by request or by force.

t.setTimeout(120_000)

for (const engine of BOTH_ENDS) {
  t.test(`users, sessions and the secret outlive a restart [${engine}]`, async (t) => {
    const { SESSION_SECRET: _, ...env } = await sharedStores(t, engine)
    const before = await startInstance(env)
    const kicked = new Browser(before.url)
    await kicked.post('/register', { username: 'ann', password: PASSWORD })
    await kicked.login('ann')
    const browser = new Browser(before.url)
    const { body } = await browser.login('ann')
    t.equal(await before.stop(), 0)

    const after = await startInstance(env)
    t.match(await browser.copy(after.url).get('/me'), {
      status: 200,
      body: { user: body.user, session: { id: body.session.id } },
    })
    t.match(await kicked.copy(after.url).get('/me'), {
      status: 401,
      body: { code: 'session_replaced' },
    })
    t.equal((await new Browser(after.url).login('ann')).status, 200)
    t.equal(await after.stop(), 0)
  })
}

t.test('killed twenty times under load, it loses no account and revives no session', async (t) => {
  const env = await sharedStores(t, 'sqlite')
  const people: Person[] = []
  let examined = 0
  for (let round = 0; round < 20; round++) {
    const instance = await startInstance(env)
    t.strictSame(await examine(people.slice(examined), instance.url), [], `after ${round} kills`)
    examined = people.length
    await liveUntilKilled(instance, people, `r${round}`, 4 + ((round * 7) % 12))
  }
  const last = await startInstance(env)
  t.strictSame(await examine(people, last.url), [], `${people.length} accounts are there`)
  t.ok(people.length >= 8)
  await last.stop()
})

/** Somebody whose registration was acknowledged, and their devices. */
type Person = {
  name: string
  /** Devices that an acknowledged login has replaced. */
  replaced: Browser[]
  /** The device whose login was acknowledged last; null while another login is under way. */
  newest: Browser | null
}

async function liveUntilKilled(
  instance: Instance,
  people: Person[],
  prefix: string,
  answers: number,
): Promise<void> {
  let left = answers
  const acknowledge = () => {
    left--
    if (left === 0) instance.signal('SIGKILL')
  }
  const lives = Array.from({ length: 3 }, async (_, i) => {
    for (let n = 0; ; n++) await live(instance.url, `${prefix}-${i}-${n}`, people, acknowledge)
  })
  await Promise.allSettled(lives) // each ends with a connection that broke
}

/** Registers somebody and signs them in on three devices, one after the other; rejects when the process is gone. */
async function live(
  url: string,
  name: string,
  people: Person[],
  acknowledge: () => void,
): Promise<void> {
  const { status } = await new Browser(url).post('/register', { username: name, password: PASSWORD })
  if (status !== 201) throw new Error(`registering got ${status}`)
  const person: Person = { name, replaced: [], newest: null }
  people.push(person)
  acknowledge()
  for (let device = 0; device < 3; device++) {
    const browser = new Browser(url)
    const before = person.newest
    person.newest = null
    const login = await browser.login(name)
    if (login.status !== 200) throw new Error(`logging in got ${login.status}`)
    if (before !== null) person.replaced.push(before)
    person.newest = browser
    acknowledge()
  }
}

/** Looks whether everybody is as they were told, and signs them in once more. */
async function examine(people: readonly Person[], url: string): Promise<string[]> {
  const wrong: string[] = []
  for (const person of people) {
    const { name, replaced, newest } = person
    if (newest !== null && (await newest.copy(url).get('/me')).status !== 200)
      wrong.push(`${name} is signed out`)
    for (const browser of replaced) {
      const { status, body } = await browser.copy(url).get('/me')
      if (body.code !== 'session_replaced') wrong.push(`a replaced device of ${name} got ${status}`)
    }
    const again = new Browser(url)
    const { status } = await again.login(name)
    if (status !== 200) wrong.push(`${name} cannot sign in: ${status}`)
    if (newest !== null) replaced.push(newest)
    person.newest = again
  }
  return wrong
}
