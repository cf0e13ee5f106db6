import { OnlinePage } from '../../schemas/admin.ts'
import { PAGE, PageQuery } from '../../schemas/page.ts'
import { Problem } from '../../schemas/problem.ts'
import type { Online } from '../accounts/online.ts'
import { principalOf } from '../fastify/guard.ts'
import type { App } from '../http/types.ts'
import { invalidCursor } from './pages.ts'
import { viewOnline } from './views.ts'

/** Who is online. */
export async function adminSessionsRoutes(app: App, { online }: { online: Online }): Promise<void> {
  app.get(
    '/admin/sessions',
    {
      schema: {
        operationId: 'listSessions',
        summary: 'Every live session, latest login first, page by page.',
        querystring: PageQuery,
        response: { 200: OnlinePage, 400: Problem, 401: Problem, 403: Problem, 503: Problem },
      },
    },
    async (request) => {
      const { limit = PAGE, after } = request.query
      const page = await online({ limit, after: after === undefined ? null : readCursor(after) })
      const mine = principalOf(request).session.id
      return {
        sessions: page.users.flatMap(({ account, sessions }) =>
          sessions.map((s) => viewOnline(s, account, mine)),
        ),
        next: page.next === null ? null : `${page.next.lastLoginAt.toString(36)}.${page.next.id}`,
      }
    },
  )
}

function readCursor(text: string): { lastLoginAt: number; id: string } {
  const [time, id] = text.split('.')
  const lastLoginAt = Number.parseInt(time ?? '', 36)
  if (id === undefined || !Number.isSafeInteger(lastLoginAt)) {
    throw invalidCursor()
  }
  return { lastLoginAt, id }
}
