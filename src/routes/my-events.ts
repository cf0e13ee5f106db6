import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import { Problem } from '../../schemas/problem.ts'
import { problem } from '../errors.ts'
import { sessionEnded, unauthenticated } from '../fastify/guard.ts'
import { liveOf } from '../fastify/principal.ts'
import type { App } from '../http/types.ts'
import type { Notices } from '../notices/notices.ts'
import type { Sessions } from '../sessions/sessions.ts'

type MyEventsOptions = { sessions: Sessions; notices: Notices }

/** Tells a device the moment its session ends, as Server-Sent Events (WHATWG HTML §9.2), and then ends itself. */
export async function myEventsRoutes(app: App, { sessions, notices }: MyEventsOptions): Promise<void> {
  const open = new Set<Readable>()
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
    for (const stream of open) stream.push(null)
    open.clear()
  })

  app.get(
    '/me/events',
    {
      schema: {
        operationId: 'myEvents',
        summary: 'A stream that says session.ended, with the body of the 401, when this session ends.',
        produces: ['text/event-stream'],
        response: {
          200: Type.Unsafe<Readable>({ type: 'string', description: 'Server-Sent Events.' }),
          401: Problem,
          503: Problem,
        },
      },
    },
    async (request, reply) => {
      const { key, session } = liveOf(request)
      reply.type('text/event-stream').header('x-accel-buffering', 'no') // nginx would keep it back
      // Nobody would ever end a stream.
      if (request.method === 'HEAD' || closing) return reply.send(Readable.from([]))
      const stream = new Readable({ read: () => {} })
      const unsubscribe = notices.subscribe(key.handle, () => void look())
      const timer = setInterval(() => void look(), LOOK_EVERY)
      open.add(stream)
      stream.on('close', () => {
        open.delete(stream)
        clearInterval(timer)
        unsubscribe()
      })
      stream.push(`retry: ${RETRY}\n\n`)
      await look() // it may have ended since the guard let it pass
      return reply.send(stream)

      /** Says what is the case; a notice that got lost is made up for by the next look. */
      async function look(): Promise<void> {
        const refusal = await endOf(key.handle, session.id)
        if (!open.has(stream)) return // nothing can follow the end, and two notices may look at once
        if (refusal === null) stream.push(': still signed in\n\n')
        else {
          open.delete(stream)
          stream.push(
            `event: session.ended\ndata: ${JSON.stringify(problem(refusal, refusal.members))}\n\n`,
          )
          stream.push(null)
        }
      }
    },
  )

  /** The 401 that the session would get now; null while it lives, or nobody can say. */
  async function endOf(handle: string, sessionId: string) {
    try {
      const found = await sessions.findById(handle, sessionId) // which stays when the password changes, unlike the secret
      if (found?.state === 'live') return null
      return found === null ? unauthenticated() : sessionEnded(found.ended)
    } catch {
      return null
    }
  }
}

/** How often a stream looks by itself, and when a browser comes back after a break: milliseconds. */
const LOOK_EVERY = 5_000
const RETRY = 2_000
