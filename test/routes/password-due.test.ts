import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { join, makeUser, signIn, standing } from '../support/people.ts'
import { BOTH_ENDS, type Service, startService } from '../support/service.ts'

const ANOTHER = 'another test, another secret'

for (const engine of BOTH_ENDS) {
  t.test(`until another password is chosen, nothing else is open [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const ann = await join(service, 'ann', ['admin'])
    await requireChange(service, 'ann')
    t.equal(await standing(ann), 'password_changed', 'the sessions of the old password have ended')

    const due = await signIn(service, 'ann')
    const me = await due.browser.get('/me')
    t.match(me, { status: 200, body: { user: { mustChangePassword: true } } })
    t.equal((await due.browser.get('/me/sessions')).status, 200)
    for (const [method, path] of CLOSED) {
      t.match(
        await due.browser.request(method, path),
        { status: 403, body: { code: 'password_change_required' } },
        `${method} ${path}`,
      )
    }
    const again = await service.browser().login('ann')
    t.match(again, { status: 200, body: { user: { mustChangePassword: true } } })
    t.equal(await standing(due), 'session_replaced')
    const device = await signIn(service, 'ann')
    const change = (newPassword: string) =>
      device.browser.request('PUT', '/me/password', { currentPassword: PASSWORD, newPassword })
    t.match(await change(PASSWORD), { status: 422, body: { code: 'password_too_common' } }, 'the same')
    t.equal((await change(ANOTHER)).status, 204)
    t.notOk('mustChangePassword' in (await device.browser.get('/me')).body.user)
    t.equal((await device.browser.get('/admin/users')).status, 200)
    const { body } = await service.browser().login('ann', { password: ANOTHER })
    t.notOk('mustChangePassword' in body.user)
  })
}

t.test('who has to choose another password can sign out', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  await requireChange(service, 'ann')
  const ann = await signIn(service, 'ann')
  t.equal((await ann.browser.post('/logout')).status, 204)
  t.equal(await standing(ann), 'unauthenticated')
})

async function requireChange({ parts: { accounts, sessions } }: Service, name: string): Promise<void> {
  const account = await accounts.findByUsername(name)
  if (account === null) throw new Error(`nobody is called ${name}`)
  await sessions.update(account.handle, accounts.change(account, { mustChangePassword: true }))
}

const CLOSED: [method: string, path: string][] = [
  ['GET', '/me/timeline'],
  ['GET', '/me/export'],
  ['GET', '/verify'],
  ['GET', '/admin/users'],
]
