import { Type } from '@sinclair/typebox'
import { Problem } from '../../schemas/problem.ts'
import type { SessionCookie } from '../fastify/cookie.ts'
import type { App } from '../http/types.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Audit } from '../timeline/audit.ts'

type LogoutOptions = { sessions: Sessions; cookie: SessionCookie; audit: Audit }

/** Ends the session this browser has, if it still has one; a late or second logout harms nobody. */
export async function logoutRoutes(app: App, { sessions, cookie, audit }: LogoutOptions): Promise<void> {
  app.post(
    '/logout',
    {
      schema: {
        operationId: 'logout',
        summary: 'Sign out on this device.',
        response: {
          204: Type.Null({ description: 'Signed out, or never was signed in.' }),
          503: Problem,
        },
      },
    },
    async (request, reply) => {
      const proof = cookie.read(request)
      const found = proof === null ? null : await sessions.find(proof)
      await request.session.destroy() // releases it, by way of the plugin's store
      if (found?.state === 'live')
        audit(request, { type: 'logged_out', userId: found.holder.id, session: found.session })
      cookie.clear(request, reply)
      return reply.code(204).send(null)
    },
  )
}
