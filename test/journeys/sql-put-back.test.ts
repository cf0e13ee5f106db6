import t, { type Test } from 'tap'
import { pause } from '../history/fault.ts'
import { type Browser, PASSWORD } from '../support/browser.ts'
import {
  ANOTHER,
  openScene,
  resetPassword,
  type Scene,
  settled,
  signIn,
  standing,
} from './broken-world.ts'

// A standby of PostgreSQL that lags is promoted: SQL's numbers are behind those in the records, and Redis has lost nothing.

t.setTimeout(60_000)

t.test('SQL forgot eight logins of each', async (t) => {
  const scene = await openScene(t, {
    standby: true,
    policy: { limit: 2, onLimit: 'replace', refuseWhileSeen: 1_000 },
  })
  const names = ['disabled', 'changed', 'reset', 'revoked', 'out', 'role']
  const ids = new Map<string, string>()
  for (const name of [...names, 'boss']) {
    ids.set(name, await scene.register(name, name === 'boss' ? ['admin'] : []))
  }
  const boss = scene.device(1)
  await signIn(boss, 'boss')
  const devices = await forgetLogins(scene, names)
  const of = (name: string) => devices.get(name) as [Browser, Browser]

  await t.test('whom Redis knows to be signed in is so', async (t) => {
    for (const name of names) {
      for (const device of of(name)) t.equal(await settled(device), '200')
    }
  })

  await t.test('a disabled account is signed out, on every instance', async (t) => {
    const path = `/admin/users/${ids.get('disabled')}`
    t.equal((await boss.request('PATCH', path, { disabled: true })).status, 200)
    await expectOut(t, scene, of('disabled'), 'user_disabled')
  })

  await t.test('a change of password signs the other devices out', async (t) => {
    const [mine, other] = of('changed')
    const before = mine.copy()
    const body = { currentPassword: PASSWORD, newPassword: ANOTHER }
    t.equal((await mine.request('PUT', '/me/password', body)).status, 204)
    await expectOut(t, scene, [before, other], 'password_changed')
    t.equal(await standing(mine), '200')
  })

  await t.test('a password that is set on the command line signs all devices out', async (t) => {
    await resetPassword(scene, 'reset')
    await expectOut(t, scene, of('reset'), 'password_changed')
  })

  await t.test('an administrator ends all sessions', async (t) => {
    const path = `/admin/users/${ids.get('revoked')}/sessions`
    t.equal((await boss.request('DELETE', path)).status, 204)
    await expectOut(t, scene, of('revoked'), 'session_revoked')
  })

  await t.test('a logout ends the one, and no other', async (t) => {
    const [mine, other] = of('out')
    const before = mine.copy()
    t.equal((await mine.post('/logout')).status, 204)
    await expectOut(t, scene, [before], 'logged_out')
    t.equal(await standing(other), '200')
  })

  await t.test('a change of roles signs nobody out, and has its effect', async (t) => {
    const path = `/admin/users/${ids.get('role')}`
    t.equal((await boss.request('PATCH', path, { roles: ['editor'] })).status, 200)
    for (const device of of('role')) {
      const { status, body } = await device.get('/me')
      t.match({ status, roles: body.user?.roles }, { status: 200, roles: ['editor'] })
    }
  })

  await t.test('the next login has a higher number than all before', async (t) => {
    const [mine] = of('role')
    const before = (await mine.get('/me')).body.session.epoch
    const { body } = await signIn(scene.device(1), 'role')
    t.ok(body.session.epoch > before)
  })
})

/** Signs everybody in ten times, and has SQL know of the first two only. Gives the two devices that are signed in. */
async function forgetLogins(
  { world, device, ready }: Scene,
  names: readonly string[],
): Promise<Map<string, [Browser, Browser]>> {
  const { sql, sqlLine } = world
  if (sql.replica === null || sql.copying === null) throw new Error('no standby')
  const devices = new Map<string, [Browser, Browser]>()
  const signAllIn = async () => {
    for (const name of names) {
      const two: [Browser, Browser] = [device(0), device(1)]
      for (const each of two) await signIn(each, name)
      devices.set(name, two)
    }
  }
  await signAllIn()
  await sql.replica.catchUp(sql.server.port)
  sql.copying.cut()
  for (let i = 0; i < 4; i++) await signAllIn()
  await sql.server.kill()
  await sql.replica.promote()
  sqlLine.lead(sql.replica.port)
  sqlLine.drop()
  await pause(100) // word of the broken connections
  await ready()
  return devices
}

async function expectOut(
  t: Test,
  scene: Scene,
  devices: readonly Browser[],
  code: string,
): Promise<void> {
  for (const device of devices) {
    for (const there of scene.everywhere(device)) t.equal(await settled(there), code)
  }
}
