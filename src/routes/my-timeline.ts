import { PAGE, PageQuery } from '../../schemas/page.ts'
import { TimelinePage } from '../../schemas/timeline.ts'
import { liveOf } from '../fastify/principal.ts'
import type { App } from '../http/types.ts'
import { pageOfEvents } from './pages.ts'
import type { Parts } from './parts.ts'

/** Users read the timeline of their account. */
export async function myTimelineRoutes(app: App, { timeline }: Parts): Promise<void> {
  app.get(
    '/me/timeline',
    {
      schema: {
        operationId: 'myTimeline',
        summary: 'What happened to my account, newest first.',
        querystring: PageQuery,
        response: { 200: TimelinePage },
      },
    },
    async function myTimeline(request) {
      const { limit = PAGE, after = null } = request.query
      return pageOfEvents(timeline, liveOf(request).user.id, { limit, before: after })
    },
  )
}
