import { Type } from '@sinclair/typebox'
import { Problem } from '../../schemas/problem.ts'
import { Refusal } from '../errors.ts'
import type { ReadToken } from '../fastify/bearer.ts'
import { sessionEnded, stored, unauthenticated } from '../fastify/guard.ts'
import type { App } from '../http/types.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { noteOf } from '../timeline/note.ts'

type DisputeOptions = { sessions: Sessions; readToken: ReadToken; challenge: string }

/** "That was not me": a replaced device freezes the session that replaced it. */
export async function disputeRoutes(app: App, options: DisputeOptions): Promise<void> {
  const { sessions, readToken, challenge } = options
  app.post(
    '/sessions/dispute',
    {
      schema: {
        operationId: 'dispute',
        summary: 'Say that the login which replaced this device was not its owner; that session ends.',
        security: [{ session: [] }, { token: [] }], // public, because what it takes is the cookie of a session that has ended
        response: {
          202: Type.Null({
            description: 'The session that replaced this one has ended. Change the password.',
          }),
          401: Problem,
          409: Problem,
          503: Problem,
        },
      },
    },
    async (request, reply) => {
      const token = readToken(request)
      const found = token === null ? null : await stored(sessions, await sessions.find(token))
      if (found === null) throw unauthenticated(challenge)
      if (found.state === 'live') throw new Refusal('nothing_to_dispute')
      if (found.ended.reason !== 'session_replaced') throw sessionEnded(found.ended, challenge)
      if ((await sessions.dispute(found, noteOf(request))) === null)
        throw new Refusal('already_disputed')
      return reply.code(202).send(NO_BODY)
    },
  )
}

/** `@fastify/swagger` writes "no body" as the schema `null`, which Fastify would send as the word. */
const NO_BODY = undefined as unknown as null
