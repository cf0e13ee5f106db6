import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { Session } from '../../schemas/session.ts'
import { answerRefused, CHALLENGE } from '../fastify/guard.ts'
import { registrationOf } from '../fastify/registration.ts'
import { refusalFor } from '../http/problems.ts'
import { NOT_SIGNED_IN, refusals } from '../http/refusals.ts'
import { compileSerializer } from '../http/serialization.ts'
import type { TypeBoxProvider } from '../http/types.ts'
import { compileValidator } from '../http/validation.ts'
import { disputeRoutes } from './dispute.ts'
import { logoutRoutes } from './logout.ts'
import { myEventsRoutes } from './my-events.ts'
import { mySessionsRoutes } from './my-sessions.ts'
import { verifyRoutes } from './verify.ts'

/**
 * A plugin with those routes of the service that need no accounts, for your own app: `/me`, `/me/sessions`, `/me/events`,
 * `/sessions/dispute`, `/verify` and `/logout`. Register it after `oneseat`, with a prefix if you like.
 */
export async function oneseatRoutes(host: FastifyInstance): Promise<void> {
  const registration = registrationOf(host)
  const app = host.withTypeProvider<TypeBoxProvider>()
  app.setValidatorCompiler(compileValidator)
  // `onRefused` of the application may send a body of another form.
  app.setSerializerCompiler((route) =>
    route.httpStatus?.startsWith('2') ? compileSerializer(route) : JSON.stringify,
  )
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalFor(error)
    if (refusal.code === 'internal') throw error // a bug: leave it to the error handler of the application
    return answerRefused(refusal, request, reply, undefined)
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, body, done) => {
    body.resume().once('end', () => done(null)) // none of these calls takes a body
  })
  app.addHook('onRequest', async function keepNothing(_request, reply) {
    reply.header('cache-control', 'no-store')
  })

  const readToken = registration.cookie.read
  await logoutRoutes(app, { ...registration, readToken })
  await disputeRoutes(app, { ...registration, readToken, challenge: CHALLENGE })

  await app.register(async function guarded(scope) {
    const app = scope.withTypeProvider<TypeBoxProvider>()
    app.addHook('preHandler', app.requireSession)
    app.get('/me', { schema: ME }, async function me({ principal: { user, session } }) {
      return { user: { ...user, roles: [...user.roles] }, session }
    })
    await mySessionsRoutes(app, registration)
    await myEventsRoutes(app, registration)
    await verifyRoutes(app, { nameOf: () => null, Role: Type.String() })
  })
}

const ME = {
  operationId: 'me',
  summary: 'The user and the session of this request.',
  response: {
    200: Type.Object({
      user: Type.Object({
        id: Type.String(),
        roles: Type.Array(Type.String()),
        data: Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()]),
      }),
      session: Session,
    }),
    ...refusals(...NOT_SIGNED_IN, 'store_unavailable'),
  },
}
