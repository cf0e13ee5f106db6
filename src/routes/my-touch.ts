import { Type } from '@sinclair/typebox'
import { Refusal } from '../errors.ts'
import { liveOf } from '../fastify/principal.ts'
import type { App } from '../http/types.ts'
import type { Parts } from './parts.ts'
import { endingOf } from './session-ending.ts'

/** Moves the idle deadline and does nothing else. For a user who got `session.ending` and wants to stay. */
export async function myTouchRoutes(app: App, { now }: Parts): Promise<void> {
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
    async function touch(request, reply) {
      // The guard has moved the deadline, except while SQL cannot be reached. Then the answer must not say that it did.
      if (endingOf(liveOf(request).session, now())?.code === 'session_idle')
        throw new Refusal('store_unavailable')
      return reply.code(204).send(null)
    },
  )
}
