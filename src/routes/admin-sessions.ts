import { OnlinePage } from '../../schemas/admin.ts'
import { PAGE, PageQuery } from '../../schemas/page.ts'
import type { OnlineCursor } from '../accounts/accounts.ts'
import { liveOf } from '../fastify/principal.ts'
import type { App } from '../http/types.ts'
import { invalidCursor } from './pages.ts'
import type { Parts } from './parts.ts'
import { viewOnline } from './views.ts'

/** Administrators list who is signed in. */
export async function adminSessionsRoutes(app: App, { online }: Parts): Promise<void> {
  app.get(
    '/admin/sessions',
    {
      schema: {
        operationId: 'listSessions',
        summary: 'Every live session, latest login first, page by page.',
        querystring: PageQuery,
        response: { 200: OnlinePage },
      },
    },
    async function listSessions(request) {
      const { limit = PAGE, after } = request.query
      const page = await online({ limit, after: after === undefined ? null : readCursor(after) })
      const mine = request.serviceKey === null ? liveOf(request).session.id : null
      return {
        sessions: page.users.flatMap(({ user, sessions }) =>
          sessions.map((s) => viewOnline(s, user, mine)),
        ),
        next: page.next === null ? null : `${page.next.liveUntil.toString(36)}.${page.next.id}`,
      }
    },
  )
}

function readCursor(text: string): OnlineCursor {
  const [, time = '', id = ''] = /^([0-9a-z]+)\.(.+)$/s.exec(text) ?? [] // the id of an external user can contain a dot
  const liveUntil = Number.parseInt(time, 36)
  if (!Number.isSafeInteger(liveUntil)) throw invalidCursor()
  return { liveUntil, id }
}
