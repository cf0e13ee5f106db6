import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import { problemOf } from '../../schemas/problem.ts'
import { problem, type Refusal } from '../errors.ts'
import { sessionEnded, unauthenticated } from '../fastify/guard.ts'
import { liveOf } from '../fastify/principal.ts'
import { NOT_SIGNED_IN } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { Notices } from '../notices/notices.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { eventStreams } from './event-streams.ts'

type MyEventsOptions = { sessions: Sessions; notices: Notices }

/** Tells a device the moment its session ends, as Server-Sent Events (WHATWG HTML §9.2), and then ends itself. */
export async function myEventsRoutes(app: App, { sessions, notices }: MyEventsOptions): Promise<void> {
  const streams = eventStreams()
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
    streams.endAll()
  })

  app.get(
    '/me/events',
    {
      schema: {
        operationId: 'myEvents',
        summary: 'A stream that says session.ended, with the body of the 401, when this session ends.',
        produces: ['text/event-stream'],
        response: {
          200: Type.Unsafe<Readable>({
            type: 'string',
            description:
              'Server-Sent Events: `event` is the type of each and `data` its JSON. Read them with an `EventSource`.',
            examples: ['event: session.ended\ndata: {"code":"session_replaced"}\n\n'],
            'x-events': { 'session.ended': problemOf(NOT_SIGNED_IN) },
          }),
        },
      },
    },
    async (request, reply) => {
      const { key, session } = liveOf(request)
      reply.type('text/event-stream').header('x-accel-buffering', 'no') // nginx would keep it back
      // Nobody would ever end a stream.
      if (request.method === 'HEAD' || closing) return reply.send(Readable.from([]))
      const stream = new Readable({ read: () => {} })
      const unsubscribe = notices.subscribe(key.handle, () => void say())
      const timer = setInterval(() => void say(), LOOK_EVERY)
      streams.add(stream, { user: key.handle, session: session.id })
      stream.on('close', () => {
        clearInterval(timer)
        unsubscribe()
      })
      streams.send(stream, `retry: ${RETRY}\n\n`)
      await say() // it may have ended since the guard let it pass
      return reply.send(stream)

      /** Says what is the case; a notice that got lost is made up for by the next look. */
      async function say(): Promise<void> {
        const comment = await look()
        if (streams.isOpen(stream)) streams.send(stream, comment)
      }

      /** Ends the stream if the session has ended; else gives what to say meanwhile. */
      async function look(): Promise<string> {
        const refusal = await endOf(key.handle, session.id)
        if (refusal === 'unknown') return ': the session cannot be checked right now\n\n'
        if (refusal === null) return ': still signed in\n\n'
        const data = JSON.stringify(problem(refusal))
        // Nothing can follow the end, and two notices may look at once.
        if (streams.isOpen(stream)) streams.end(stream, `event: session.ended\ndata: ${data}\n\n`)
        return ''
      }
    },
  )

  /** The 401 that the session would get now; null while it lives. */
  async function endOf(handle: string, sessionId: string): Promise<Refusal | null | 'unknown'> {
    try {
      const found = await sessions.findById(handle, sessionId) // which stays when the password changes, unlike the secret
      if (found?.state === 'live') return null
      return found === null ? unauthenticated() : sessionEnded(found.ended)
    } catch {
      return 'unknown'
    }
  }
}

/** How often a stream looks by itself, and when a browser comes back after a break: milliseconds. */
const LOOK_EVERY = 5_000
const RETRY = 2_000
