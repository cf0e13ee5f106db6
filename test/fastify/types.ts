import Fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import type { TypeBoxProvider } from '../../src/http/types.ts'
import { type OneseatOptions, oneseat, oneseatRoutes } from '../../src/index.ts'

// Never run: `npm run types` sees that it compiles. Hosts of every kind take the plugin and its hooks without a cast.

const OPTIONS: OneseatOptions = { secrets: [process.env['SESSION_SECRET']], database: 'file:./seats.db' }

export async function plain(app: FastifyInstance): Promise<void> {
  await app.register(oneseat, OPTIONS)
  await app.register(oneseatRoutes, { prefix: '/account' })
  app.addHook('preHandler', app.requireSession)
}

export async function withLogger(): Promise<void> {
  const app = Fastify({ loggerInstance: pino() })
  await app.register(oneseat, OPTIONS)
  await app.register(oneseatRoutes)
  app.get('/', { preHandler: app.requireSession }, async ({ principal }) => principal.user.id)
}

export async function withTypeProvider(): Promise<void> {
  const app = Fastify().withTypeProvider<TypeBoxProvider>()
  await app.register(oneseat, OPTIONS)
  app.get(
    '/',
    { preHandler: [app.requireSession, app.requireRole('a')] },
    async ({ principal }, reply) => {
      await reply.signOut()
      return principal.session.id
    },
  )
}

export async function overHttps(): Promise<void> {
  const app = Fastify({ https: {} })
  await app.register(oneseat, OPTIONS)
  app.get('/', { preHandler: app.requireSession }, async ({ principal }) => principal.user.id)
}

export async function overHttp2(): Promise<void> {
  const app = Fastify({ http2: true })
  await app.register(oneseat, OPTIONS)
  await app.register(oneseatRoutes)
  app.get('/', { preHandler: app.requireSession }, async ({ principal }) => principal.user.id)
}
