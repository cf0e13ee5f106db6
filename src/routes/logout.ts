import { Type } from '@sinclair/typebox'
import { Problem } from '../../schemas/problem.ts'
import type { SessionCookie } from '../http/cookie.ts'
import type { App } from '../http/types.ts'

/** Ends the session this browser has, if it still has one; a late or second logout harms nobody. */
export async function logoutRoutes(app: App, { cookie }: { cookie: SessionCookie }): Promise<void> {
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
      await request.session.destroy()
      cookie.clear(request, reply)
      return reply.code(204).send(null)
    },
  )
}
