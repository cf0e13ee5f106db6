import t from 'tap'
import { queriesFor } from '../../src/database/tables.ts'
import { backend } from '../support/keys.ts'
import { ENGINES, startService } from '../support/service.ts'

for (const engine of ENGINES) {
  t.test(`external users are administered by their own ids [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { ACCOUNTS: 'external' } })
    const shop = await backend(service, 'shop', 'sign-in')
    const ops = await backend(service, 'ops', 'admin')
    const signIn = async (id: string, more = {}) => {
      const { status, body } = await shop.post('/sessions', {
        user: { id, ...more },
        transport: 'token',
      })
      if (status !== 201) return { code: body.code, get: async () => '' }
      const browser = service.browser({ authorization: `Bearer ${body.token}` })
      return { browser, get: async () => (await browser.get('/me')).body.code ?? 'ok' }
    }

    t.test('they are listed from their first sign-in on', async (t) => {
      await signIn('crm:1', { name: 'Ann' })
      await signIn('crm:2', { roles: ['editor'], data: { a: 1 } })
      await signIn('x%y')
      const first = await ops.get('/admin/users?limit=1')
      const ann = { id: 'crm:1', name: 'Ann', roles: [], disabled: false, data: null }
      t.strictSame(first.body, { users: [ann], next: 'crm:1' })
      const rest = await ops.get('/admin/users?after=crm:1')
      t.match(rest.body, { users: [{ id: 'crm:2', data: { a: 1 } }, { id: 'x%y' }], next: null })
      t.match((await ops.get('/admin/users?search=%25')).body.users, [{ id: 'x%y' }])
      t.match((await ops.get('/admin/sessions')).body.sessions, [{}, {}, { user: { username: 'Ann' } }])
    })

    t.test('roles and a lock hold on the next request', async (t) => {
      const bob = await signIn('bob')
      const changed = await ops.request('PATCH', '/admin/users/bob', { roles: ['editor'] })
      t.match(changed, {
        status: 200,
        body: { user: { id: 'bob', roles: ['editor'], disabled: false } },
      })
      t.match((await bob.browser?.get('/me'))?.body, { user: { roles: ['editor'] } })
      await ops.request('PATCH', '/admin/users/bob', { disabled: true })
      t.equal(await bob.get(), 'user_disabled')
      t.equal((await signIn('bob')).code, 'user_disabled')
      await ops.request('PATCH', '/admin/users/bob', { disabled: false })
      const again = await signIn('bob')
      t.equal(await again.get(), 'ok')
      t.equal((await ops.request('DELETE', '/admin/users/bob/sessions')).status, 204)
      t.equal(await again.get(), 'session_revoked')
      const { events } = (await ops.get('/admin/users/bob/timeline')).body
      t.match(
        events.map(({ type }: { type: string }) => type),
        ['session_revoked', 'login', 'user_enabled', 'user_disabled', 'roles_changed', 'login'],
      )
    })

    t.test('who was deleted is out for ever, and forgotten', async (t) => {
      const id = `${'é'.repeat(60)}/ü:🙂`
      const path = `/admin/users/${encodeURIComponent(id)}`
      const cid = await signIn(id, { name: 'Cid', data: { a: 1 } })
      t.equal((await ops.request('DELETE', path)).status, 204)
      t.equal(await cid.get(), 'user_deleted')
      t.equal((await signIn(id, { name: 'Cid', roles: ['a'], data: { a: 1 } })).code, 'user_disabled')
      const { db } = service.engines
      const events = queriesFor(db).selectFrom('oneseat_timeline').selectAll()
      const nobody = { ip: null, device: null, session_id: null }
      t.match(await db.run(events.where('user_id', '=', id)), [{ type: 'user_deleted', ...nobody }])
      t.equal((await db.run(events.where('user_id', '=', id))).length, 1)
      t.match(await service.engines.numbers.numbers.find({ id }), {
        deleted: true,
        data: null,
        roles: [],
      })
      for (const method of ['PATCH', 'DELETE'])
        t.equal(
          (await ops.request(method, path, method === 'PATCH' ? { roles: [] } : undefined)).status,
          404,
        )
    })

    t.test('of two who delete the same user at once one does, and it is told once', async (t) => {
      await signIn('dan')
      const both = [0, 1].map(() => ops.request('DELETE', '/admin/users/dan'))
      t.strictSame((await Promise.all(both)).map(({ status }) => status).sort(), [204, 404])
      const events = queriesFor(service.engines.db).selectFrom('oneseat_timeline').selectAll()
      const told = await service.engines.db.run(events.where('user_id', '=', 'dan'))
      t.match(told, [{ type: 'user_deleted' }])
      t.equal(told.length, 1)
    })

    t.test('what is not there, or not so, is refused', async (t) => {
      t.equal((await ops.request('DELETE', '/admin/users/nobody')).status, 404)
      t.equal((await ops.request('DELETE', `/admin/users/${'x'.repeat(129)}`)).status, 400)
      t.equal((await ops.request('DELETE', '/admin/users/a%00b')).status, 400)
      t.equal((await ops.request('PATCH', '/admin/users/bob', {})).status, 400)
      t.equal((await shop.request('DELETE', '/admin/users/crm:1')).status, 403)
    })
  })
}

t.test('a user who goes while they are changed is not there', async (t) => {
  const service = await startService(t, 'sqlite', { env: { ACCOUNTS: 'external' } })
  const ops = await backend(service, 'ops', 'admin')
  const shop = await backend(service, 'shop', 'sign-in')
  await shop.post('/sessions', { user: { id: 'ann' } })
  service.parts.externalUsers.change = () => async () => null
  t.equal((await ops.request('PATCH', '/admin/users/ann', { roles: [] })).status, 404)
})

t.test('an administrator with a session does the same', async (t) => {
  const service = await startService(t, 'sqlite', { env: { ACCOUNTS: 'external' } })
  const shop = await backend(service, 'shop', 'sign-in')
  const user = { id: 'root', roles: ['admin'] }
  const { body } = await shop.post('/sessions', { user, transport: 'token' })
  const root = service.browser({ authorization: `Bearer ${body.token}` })
  t.equal((await root.request('DELETE', '/admin/users/root/sessions')).status, 204)
  const { events } = (await (await backend(service, 'ops', 'admin')).get('/admin/users/root/timeline'))
    .body
  t.match(events[0], { type: 'session_revoked', by: { user: 'root' } })
})
