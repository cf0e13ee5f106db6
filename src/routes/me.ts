import { SignedIn } from '../../schemas/session.ts'
import { liveOf } from '../fastify/principal.ts'
import type { App } from '../http/types.ts'
import { viewSignedIn } from './views.ts'

/** Answers with the user and the session of the request. */
export async function meRoutes(app: App): Promise<void> {
  app.get(
    '/me',
    {
      schema: {
        operationId: 'me',
        summary: 'The user and the session of this request.',
        response: { 200: SignedIn },
      },
    },
    async function me(request) {
      return viewSignedIn(liveOf(request))
    },
  )
}
