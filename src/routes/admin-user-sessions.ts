import { Type } from '@sinclair/typebox'
import { UserParams } from '../../schemas/admin.ts'
import { PAGE, PageQuery } from '../../schemas/page.ts'
import { TimelinePage } from '../../schemas/timeline.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { noteOf } from '../timeline/note.ts'
import { actor } from './actor.ts'
import { existing } from './existing.ts'
import { pageOfEvents } from './pages.ts'
import type { Parts } from './parts.ts'

/** Administrators read the timeline of a user, or end all their sessions. This works for accounts and for external users. */
export async function adminUserSessionsRoutes(
  app: App,
  { sessions, timeline, isExternal, externalUsers, accounts }: Parts,
): Promise<void> {
  const userOf = existing<{ id: string; handle: string }>((id) =>
    isExternal ? externalUsers.find(id) : accounts.findById(id),
  )

  app.delete(
    '/admin/users/:id/sessions',
    {
      schema: {
        operationId: 'signOutUser',
        summary: 'Sign a user out on every device.',
        params: UserParams,
        response: {
          204: Type.Null({ description: 'Signed out.' }),
          ...refusals('not_found'),
        },
      },
    },
    async function signOutUser(request, reply) {
      const user = await userOf(request.params.id)
      const note = noteOf(request, { by: actor(request) })
      await sessions.revoke(user.handle, null, 'session_revoked', note)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/admin/users/:id/timeline',
    {
      schema: {
        operationId: 'userTimeline',
        summary: 'What happened to an account, newest first.',
        params: UserParams,
        querystring: PageQuery,
        response: {
          200: TimelinePage,
          ...refusals('not_found'),
        },
      },
    },
    async function userTimeline(request) {
      const user = await userOf(request.params.id)
      const { limit = PAGE, after = null } = request.query
      return pageOfEvents(timeline, user.id, { limit, before: after })
    },
  )
}
