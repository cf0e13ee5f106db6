import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import type { ReadToken } from '../fastify/bearer.ts'
import { sessionEnded, stored, unauthenticated } from '../fastify/guard.ts'
import { NO_BODY } from '../http/no-body.ts'
import { NOT_SIGNED_IN, refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { Ended, Sessions } from '../sessions/sessions.ts'
import { noteOf } from '../timeline/note.ts'

type DisputeOptions = {
  sessions: Sessions
  readToken: ReadToken
  challenge: string
  /** Handles the dispute. Without it, a dispute only ends sessions. */
  dispute?: (request: FastifyRequest, replaced: Ended) => Promise<void>
}

/** "That was not me": a replaced device ends the session that replaced it, and all that began since. */
export async function disputeRoutes(app: App, options: DisputeOptions): Promise<void> {
  const { sessions, readToken, challenge, dispute = endSince } = options
  app.post(
    '/sessions/dispute',
    {
      schema: {
        operationId: 'dispute',
        summary:
          'Report that the login which replaced this device was not by the owner: every session since then ends, and the password has to be changed.',
        security: [{ session: [] }, { token: [] }], // the scope is public, because the cookie is of a session that has ended
        response: {
          202: Type.Null({
            description:
              'The session that replaced this one has ended. Sign in and change the password.',
          }),
          ...refusals(...NOT_SIGNED_IN, 'nothing_to_dispute', 'already_disputed', 'store_unavailable'),
        },
      },
    },
    async function answerDispute(request, reply) {
      const token = readToken(request)
      const found = token === null ? null : await stored(sessions, await sessions.find(token))
      if (found === null) throw unauthenticated(challenge)
      if (found.state === 'live') throw new Refusal('nothing_to_dispute')
      if (found.ended.reason !== 'session_replaced') throw sessionEnded(found.ended, challenge)
      await dispute(request, found)
      return reply.code(202).send(NO_BODY)
    },
  )

  async function endSince(request: FastifyRequest, replaced: Ended): Promise<void> {
    if ((await sessions.dispute(replaced, noteOf(request))) === null)
      throw new Refusal('already_disputed')
  }
}
