import t from 'tap'
import { declareAccess, requireAccessRules } from '../../src/http/access.ts'
import { createFastify } from '../../src/http/server.ts'
import type { Access, App } from '../../src/http/types.ts'

function bareApp(): App {
  const app = createFastify({ logLevel: 'silent', trustProxy: [] })
  requireAccessRules(app)
  return app
}

t.test('a route that stands in no scope stops the start, by name', async (t) => {
  const app = bareApp()
  app.get('/forgotten', async () => 'anybody')
  await t.rejects(Promise.resolve(app.ready()), {
    message: 'GET /forgotten has no access rule: register it in a scope',
  })
})

t.test('a scope rules the routes below it, and the narrower one inside wins', async (t) => {
  const app = bareApp()
  const seen = new Map<string, string>()
  await app.register(async (session: App) => {
    declareAccess(session, 'session')
    session.get('/mine', async (request) => request.routeOptions.config.access)
    await session.register(async (admin: App) => {
      declareAccess(admin, 'admin')
      admin.get('/all', async (request) => request.routeOptions.config.access)
    })
  })
  await app.register(async (open: App) => {
    declareAccess(open, 'public')
    open.get('/open', async (request) => request.routeOptions.config.access)
  })
  for (const url of ['/mine', '/all', '/open']) seen.set(url, (await app.inject(url)).body)
  t.strictSame(
    [...seen],
    [
      ['/mine', 'session'],
      ['/all', 'admin'],
      ['/open', 'public'],
    ],
  )
  await app.close()
})

const CONTRADICTIONS: [outer: Access, inner: Access][] = [
  ['session', 'public'],
  ['admin', 'public'],
  ['admin', 'session'],
  ['public', 'session'],
  ['public', 'admin'],
]
for (const [outer, inner] of CONTRADICTIONS) {
  t.test(`a scope for ${inner} inside one for ${outer} stops the start`, async (t) => {
    const app = bareApp()
    const mount = app.register(async (scope: App) => {
      declareAccess(scope, outer)
      await scope.register(async (inside: App) => {
        declareAccess(inside, inner)
        inside.get('/either', async () => 'or')
      })
    })
    await t.rejects(
      async () => {
        await mount
      },
      { message: `/either is for ${outer}, but stands in a scope for ${inner}` },
    )
  })
}
