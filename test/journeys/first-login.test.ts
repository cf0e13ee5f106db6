import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { openScene, signIn } from './broken-world.ts'

t.setTimeout(120_000)

t.test('a first login beside a change of roles signs in: nobody else has won', async (t) => {
  const scene = await openScene(t, {})
  await scene.register('boss', ['admin'])
  const boss = scene.device(1)
  await signIn(boss, 'boss')
  const answers = new Map<string, number>()
  const alive = new Set<number>()
  for (let round = 0; round < TRIES / AT_ONCE; round++) {
    const names = Array.from({ length: AT_ONCE }, (_, i) => `ann-${round}-${i}`)
    await Promise.all(
      names.map(async (username) => {
        const made = await boss.post('/admin/users', { username, password: PASSWORD })
        const device = new Browser(boss.url)
        const [login, change] = await Promise.all([
          scene.device(0).login(username),
          boss.request('PATCH', `/admin/users/${made.body.user.id}`, { roles: ['editor'] }),
        ])
        t.equal(change.status, 200)
        const answer = `${login.status} ${login.body.code ?? ''}`.trim()
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
        const [cookie = ''] = login.setCookies
        device.jar.set('oneseat', /oneseat=([^;]*)/.exec(cookie)?.[1] ?? '')
        alive.add((await device.get('/me')).status)
      }),
    )
  }
  t.strictSame(Object.fromEntries(answers), { 200: TRIES })
  t.strictSame([...alive], [200])
})

const TRIES = 250
const AT_ONCE = 10
