import { Type } from '@sinclair/typebox'
import type { App } from '../http/types.ts'

/** A use of the session and nothing else: for a user who was told `session.ending`, and stays. */
export async function myTouchRoutes(app: App): Promise<void> {
  app.post(
    '/me/touch',
    {
      schema: {
        operationId: 'touch',
        summary: 'Stay signed in: moves the idle deadline.',
        response: {
          204: Type.Null({ description: 'Still signed in.' }),
        },
      },
    },
    async (_request, reply) => reply.code(204).send(null), // the guard has moved the deadline
  )
}
