import t from 'tap'
import { backend } from '../support/keys.ts'
import { type EngineName, startService } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'

for (const engine of ['sqlite', 'postgres'] as EngineName[]) {
  t.test(`keys are kept by their hashes [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const { keys } = service.engines
    t.equal(await keys.add({ name: 'shop', scope: 'sign-in', hash: 'a' }), true)
    t.equal(await keys.add({ name: 'shop', scope: 'admin', hash: 'b' }), false, 'a name is given once')
    t.equal(await keys.add({ name: 'Ops', scope: 'admin', hash: 'c' }), true)
    t.match(await keys.list(), [
      { name: 'Ops', scope: 'admin', lastUsedAt: null },
      { name: 'shop', scope: 'sign-in', lastUsedAt: null },
    ])
    t.match(await keys.find('a'), { name: 'shop', scope: 'sign-in' })
    t.equal(await keys.find('b'), null)
    const [, shop] = await keys.list()
    t.ok(Math.abs((shop?.lastUsedAt ?? 0) - Date.now()) < 60_000)
    await keys.find('a')
    t.equal((await keys.list())[1]?.lastUsedAt, shop?.lastUsedAt, 'written once a minute')
    t.equal(await keys.revoke('shop'), true)
    t.equal(await keys.revoke('shop'), false)
    t.equal(await keys.find('a'), null)
  })
}

t.test('a key that was revoked is refused at the next request, on every instance', async (t) => {
  const env = await sharedStores(t, 'postgres')
  const [one, two] = [await startService(t, 'sqlite', { env }), await startService(t, 'sqlite', { env })]
  const ops = await backend(one, 'ops', 'admin')
  const there = two.browser({ authorization: `Bearer ${ops.key}` })
  for (const here of [ops, there]) t.equal((await here.get('/admin/users')).status, 200)
  t.equal(await two.engines.keys.revoke('ops'), true)
  for (const here of [ops, there])
    t.match(await here.get('/admin/users'), { status: 401, body: { code: 'invalid_key' } })
})
