import { Type } from '@sinclair/typebox'
import { type ReadToken, readBearer } from '../fastify/bearer.ts'
import type { SessionCookie } from '../fastify/cookie.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { noteOf } from '../timeline/note.ts'

type LogoutOptions = { sessions: Sessions; cookie: SessionCookie; readToken: ReadToken }

/** Ends the session of this browser, if it is still live. A late or second logout changes nothing. */
export async function logoutRoutes(app: App, options: LogoutOptions): Promise<void> {
  const { sessions, cookie, readToken } = options
  app.post(
    '/logout',
    {
      schema: {
        operationId: 'logout',
        summary: 'Sign out on this device.',
        response: {
          204: Type.Null({ description: 'Signed out, or was not signed in.' }),
          ...refusals('store_unavailable'),
        },
      },
    },
    async function logout(request, reply) {
      const token = readToken(request)
      const found = token === null ? null : await sessions.find(token)
      if (found?.state === 'live') await sessions.release(found.key, 'logged_out', noteOf(request))
      if (readBearer(request) === null) cookie.clear(request, reply)
      return reply.code(204).send(null)
    },
  )
}
