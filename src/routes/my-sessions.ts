import { Type } from '@sinclair/typebox'
import { Problem } from '../../schemas/problem.ts'
import { SessionList, SessionParams } from '../../schemas/session.ts'
import { Refusal } from '../errors.ts'
import type { SessionCookie } from '../fastify/cookie.ts'
import { principalOf } from '../fastify/guard.ts'
import type { App } from '../http/types.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { type Audit, byDevice } from '../timeline/audit.ts'
import { viewSession } from './views.ts'

type MySessionsOptions = { sessions: Sessions; cookie: SessionCookie; audit: Audit }

/** My devices: see them, and end one. */
export async function mySessionsRoutes(
  app: App,
  { sessions, cookie, audit }: MySessionsOptions,
): Promise<void> {
  app.get(
    '/me/sessions',
    {
      schema: {
        operationId: 'listMySessions',
        summary: 'The devices I am signed in on.',
        response: { 200: SessionList, 401: Problem, 503: Problem },
      },
    },
    async (request) => {
      const { proof, session } = principalOf(request)
      const mine = await sessions.list(proof.handle)
      return { sessions: mine.map((each) => viewSession(each, session.id)) }
    },
  )

  app.delete(
    '/me/sessions/:id',
    {
      schema: {
        operationId: 'endMySession',
        summary: 'Sign one of my devices out.',
        params: SessionParams,
        response: {
          204: Type.Null({ description: 'It is signed out.' }),
          400: Problem,
          401: Problem,
          404: Problem,
          503: Problem,
        },
      },
    },
    async (request, reply) => {
      const { proof, holder, session: mine } = principalOf(request)
      const isMine = request.params.id === mine.id
      const [ended] = await sessions.revoke(
        proof.handle,
        request.params.id,
        isMine ? 'logged_out' : 'session_revoked',
      )
      if (ended === undefined) throw new Refusal('not_found')
      if (isMine) cookie.clear(request, reply)
      audit(request, {
        type: isMine ? 'logged_out' : 'session_revoked',
        userId: holder.id,
        session: ended,
        by: isMine ? null : byDevice(mine),
      })
      return reply.code(204).send(null)
    },
  )
}
