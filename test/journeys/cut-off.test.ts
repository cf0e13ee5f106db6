import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { openSocket, request } from '../support/raw.ts'
import { BOTH_ENDS } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'
import { runUsers } from '../support/terminal.ts'
import { until } from '../support/until.ts'

// Whoever changes a user goes away in the middle of it. What was decided reaches the sessions and the timeline all the same,
// within five seconds and without another call.

const SOON = 5_000

for (const engine of BOTH_ENDS) {
  t.test(`an administrator's connection is reset at any moment of a change [${engine}]`, async (t) => {
    const { url, boss, signUp, account } = await open(t, engine)
    let decided = 0
    for (let round = 0; goesOn(round, decided); round++) {
      const { name, id, device } = await signUp(round)
      const change = '{"disabled":true,"roles":[]}'
      await sendAndReset(url, request(`PATCH /admin/users/${id}`, headersOf(boss), change), round ** 2)
      if ((await account(name))?.disabled !== true) continue // the request was lost with its connection
      decided++
      await until(async () => (await device.get('/me')).body.code === 'user_disabled', SOON)
      await boss.request('PATCH', `/admin/users/${id}`, { disabled: false })
      const back = new Browser(url)
      await back.login(name)
      const { events } = (await back.get('/me/timeline')).body
      const told = events.filter(({ by }: { by: { user: string } | null }) => by?.user === 'boss')
      const types = told.map(({ type }: { type: string }) => type)
      t.strictSame(
        types.sort(),
        ['roles_changed', 'roles_changed', 'user_disabled', 'user_enabled'],
        name,
      )
    }
    t.ok(decided > 0)
  })

  t.test(`or while a user is made: they have their first event [${engine}]`, async (t) => {
    const { url, boss, account } = await open(t, engine)
    let made = 0
    for (let round = 0; goesOn(round, made); round++) {
      const name = `made-${round}`
      const body = JSON.stringify({ username: name, password: PASSWORD, roles: ['admin'] })
      await sendAndReset(url, request('POST /admin/users', headersOf(boss), body), round ** 2)
      if ((await account(name)) === null) continue
      made++
      const device = new Browser(url)
      t.equal((await device.login(name)).status, 200)
      const { body: timeline } = await device.get('/me/timeline')
      t.match(timeline.events.at(-1), { type: 'registered', by: { user: 'boss' } }, name)
    }
    t.ok(made > 0)
  })

  t.test(`the process is killed in the middle of a change [${engine}]`, async (t) => {
    const scene = await open(t, engine)
    let instance = scene.instance
    for (let round = 0; round < 3; round++) {
      const { id, device } = await scene.signUp(round, instance.url)
      const change = '{"roles":["editor"],"disabled":true}'
      const socket = await openSocket(instance.url)
      socket.on('error', () => {})
      const boss = scene.boss.copy(instance.url)
      socket.write(request(`PATCH /admin/users/${id}`, headersOf(boss), change))
      await turns(round)
      await instance.stop('SIGKILL')
      instance = await startInstance(scene.env)
      const after = scene.boss.copy(instance.url)
      const { disabled } = (await after.get('/admin/users?limit=200')).body.users.find(
        (user: { id: string }) => user.id === id,
      )
      const seen = async () => (await device.copy(instance.url).get('/me')).body.code ?? null
      if (disabled) await until(async () => (await seen()) === 'user_disabled', SOON)
      else t.equal(await seen(), null, 'it was cut off before it was decided')
    }
    await instance.stop()
  })
}

async function open(t: Parameters<typeof sharedStores>[0], engine: (typeof BOTH_ENDS)[number]) {
  const env = { ...(await sharedStores(t, engine)), THROTTLE: 'off' }
  const instance = await startInstance(env)
  t.teardown(() => instance.stop())
  await runUsers(['add', 'boss', '--role', 'admin', '--password-stdin'], { env, stdin: PASSWORD })
  const boss = new Browser(instance.url)
  await boss.login('boss')
  return {
    ...{ env, instance, url: instance.url, boss },
    /** The account as an administrator sees it half a second later; null if there is none. */
    async account(name: string): Promise<{ disabled: boolean } | null> {
      await new Promise((done) => setTimeout(done, 500))
      const { users } = (await boss.get('/admin/users?limit=200')).body
      return users.find(({ username }: { username: string }) => username === name) ?? null
    },
    async signUp(round: number, url = instance.url) {
      const name = `user-${round}`
      const device = new Browser(url)
      const { body } = await device.post('/register', { username: name, password: PASSWORD })
      await device.login(name)
      const { id } = body.user
      await boss.copy(url).request('PATCH', `/admin/users/${id}`, { roles: ['admin'] })
      return { name, id: String(id), device }
    },
  }
}

function headersOf(browser: Browser): string[] {
  return ['Content-Type: application/json', `Cookie: ${browser.cookie}`]
}

/** Six moments; and later ones, on a machine that is so slow that each of these was before the request was read. */
function goesOn(round: number, hits: number): boolean {
  return round < 6 || (hits === 0 && round < 40)
}

/** Sends the bytes and resets the connection: at once, or after so many turns. */
async function sendAndReset(url: string, bytes: string, moment: number): Promise<void> {
  const socket = await openSocket(url)
  socket.on('error', () => {})
  await new Promise<void>((done) => socket.write(bytes, () => done()))
  await turns(moment)
  socket.resetAndDestroy()
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((done) => setImmediate(done))
}
