import t from 'tap'
import type { Answer, Browser } from '../support/browser.ts'
import { makeUser, signIn, standing } from '../support/people.ts'
import { ENGINES, startService } from '../support/service.ts'

for (const engine of ENGINES) {
  t.test(`two clients that sign in again by themselves come to rest [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await makeUser(service, 'ann')
    const clients = [service.browser(), service.browser()]
    const login = (client: Browser) => client.login('ann')
    await clients[0]?.login('ann')
    const { kicks, refusal } = await fight(clients, login)
    t.equal(kicks, 6)
    t.match(refusal, { status: 429, body: { code: 'kick_war', status: 429 } })
    const wait = Number(refusal.headers.get('retry-after'))
    t.ok(wait > 50 && wait <= 60, `${wait}`)

    for (const client of clients)
      t.equal((await login(client)).body.code, 'kick_war', 'neither of the two')
    t.equal((await service.browser().login('ann', { password: 'a wrong password' })).status, 401)
    const owner = await signIn(service, 'ann')
    t.match(
      (await Promise.all(clients.map((client) => client.get('/me')))).map(({ body }) => body),
      [
        { code: 'session_replaced', retry: false },
        { code: 'session_replaced', retry: false },
      ],
    )
    for (const client of clients) t.equal((await login(client)).body.code, 'kick_war')
    t.equal(await standing(owner), '200', 'their owner stays in')

    service.advance(60_000)
    t.equal((await login(clients[0] as Browser)).status, 200, 'after a minute it is as before')
    t.equal(await standing(owner), 'session_replaced')
  })
}

t.test('programs that keep no cookies are known by the name that they give', async (t) => {
  const service = await startService(t, 'sqlite', { env: { KICK_WAR_LIMIT: '3' } })
  await makeUser(service, 'ann')
  const names = new Map<Browser, string>()
  const clients = ['import', 'export'].map((name) => {
    const client = service.browser()
    names.set(client, name)
    return client
  })
  const login = (client: Browser) => service.browser().login('ann', { device: names.get(client) })
  await login(clients[0] as Browser)
  const { kicks } = await fight(clients, login)
  t.equal(kicks, 3)
  t.equal((await signIn(service, 'ann', 'laptop')).user.username, 'ann')
})

t.test('many logins that are no war are let in', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  for (let i = 0; i < 20; i++) await signIn(service, 'ann', 'a device')
  for (let i = 0; i < 20; i++) await signIn(service, 'ann', `device ${i}`)
  const browser = service.browser()
  for (let i = 0; i < 20; i++) t.equal((await browser.login('ann')).status, 200)
})

t.test('the limit can be lifted', async (t) => {
  const service = await startService(t, 'sqlite', { env: { KICK_WAR_LIMIT: '0' } })
  await makeUser(service, 'ann')
  const clients = [service.browser(), service.browser()]
  for (let i = 0; i < 30; i++) t.equal((await clients[i % 2]?.login('ann'))?.status, 200)
})

/** Each in turn takes the seat from the other, until one is refused: the second begins. */
async function fight(clients: readonly Browser[], login: (client: Browser) => Promise<Answer>) {
  for (let kicks = 0; kicks < 100; kicks++) {
    const answer = await login(clients[(kicks + 1) % 2] as Browser)
    if (answer.status !== 200) return { kicks, refusal: answer }
  }
  throw new Error('they fight for ever')
}
