import { Problem } from '../../schemas/problem.ts'
import { SignedIn } from '../../schemas/session.ts'
import { principalOf } from '../fastify/guard.ts'
import type { App } from '../http/types.ts'
import type { LiveSession } from '../sessions/record.ts'
import { viewSignedIn } from './views.ts'

/** Who am I. The answer is written once for as long as the store says the same of the session and its user. */
export async function meRoutes(app: App): Promise<void> {
  const written = new WeakMap<LiveSession, string>()

  app.get<{ Reply: string }>(
    '/me',
    {
      schema: {
        operationId: 'me',
        summary: 'The user and the session that ask.',
        response: { 200: SignedIn, 401: Problem, 503: Problem },
      },
    },
    (request, reply) => {
      const live = principalOf(request)
      let text = written.get(live.session)
      if (text === undefined) {
        text = String(reply.serialize(viewSignedIn(live)))
        written.set(live.session, text)
      }
      reply.type('application/json; charset=utf-8').send(text)
    },
  )
}
