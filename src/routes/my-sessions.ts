import { Type } from '@sinclair/typebox'
import { SessionList, SessionParams } from '../../schemas/session.ts'
import { Refusal } from '../errors.ts'
import { readBearer } from '../fastify/bearer.ts'
import type { SessionCookie } from '../fastify/cookie.ts'
import { liveOf } from '../fastify/principal.ts'
import { viewSession } from '../fastify/session-view.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { maskAddress } from '../sessions/address.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { noteOf } from '../timeline/note.ts'

type MySessionsOptions = { sessions: Sessions; cookie: SessionCookie }

/** Users list their sessions, and end one of them. */
export async function mySessionsRoutes(
  app: App,
  { sessions, cookie }: MySessionsOptions,
): Promise<void> {
  app.get(
    '/me/sessions',
    {
      schema: {
        operationId: 'listMySessions',
        summary: 'The devices I am signed in on.',
        response: { 200: SessionList },
      },
    },
    async function listMySessions(request) {
      const { key, session } = liveOf(request)
      const mine = await sessions.list(key.handle)
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
          204: Type.Null({ description: 'Signed out.' }),
          ...refusals('not_found'),
        },
      },
    },
    async function endMySession(request, reply) {
      const { key, session: mine } = liveOf(request)
      const isMine = request.params.id === mine.id
      const reason = isMine ? 'logged_out' : 'session_revoked'
      const by = isMine ? null : { device: mine.device, ip: maskAddress(mine.ip), user: null }
      const [ended] = await sessions.revoke(
        key.handle,
        request.params.id,
        reason,
        noteOf(request, { by }),
      )
      if (ended === undefined) throw new Refusal('not_found')
      if (isMine && readBearer(request) === null) cookie.clear(request, reply)
      return reply.code(204).send(null)
    },
  )
}
