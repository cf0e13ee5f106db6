import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import { problemOf } from '../../schemas/problem.ts'
import { Time } from '../../schemas/session.ts'
import { problem, Refusal } from '../errors.ts'
import { sessionEnded, unauthenticated } from '../fastify/guard.ts'
import { liveOf } from '../fastify/principal.ts'
import { NOT_SIGNED_IN } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { Notices } from '../notices/notices.ts'
import type { LiveSession } from '../sessions/record.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { eventStreams } from './event-streams.ts'
import { endingOf } from './session-ending.ts'

/** What is said a minute before a session ends by the clock. */
const SessionEnding = Type.Object(
  {
    code: Type.Unsafe<'session_idle' | 'session_expired'>({
      type: 'string',
      enum: ['session_idle', 'session_expired'],
    }),
    at: Time,
  },
  { title: 'SessionEnding' },
)

type MyEventsOptions = { sessions: Sessions; notices: Notices; now: () => number }

/**
 * Tells a device the moment its session ends, as Server-Sent Events (WHATWG HTML §9.2), and then ends itself. A minute before the
 * session ends by the clock it says so, for the user to stay by `POST /me/touch`.
 */
export async function myEventsRoutes(
  app: App,
  { sessions, notices, now }: MyEventsOptions,
): Promise<void> {
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
        summary:
          'A stream that says session.ended, with the body of the 401, when this session ends, and session.ending a minute before it idles out.',
        produces: ['text/event-stream'],
        response: {
          200: Type.Unsafe<Readable>({
            type: 'string',
            description:
              'Server-Sent Events: `event` is the type of each and `data` its JSON. Read them with an `EventSource`.',
            examples: ['event: session.ended\ndata: {"code":"session_replaced"}\n\n'],
            'x-events': {
              'session.ended': problemOf(NOT_SIGNED_IN),
              'session.ending': SessionEnding,
            },
          }),
        },
      },
    },
    async function myEvents(request, reply) {
      const { key, session } = liveOf(request)
      reply.type('text/event-stream').header('x-accel-buffering', 'no') // nginx would keep it back
      // Nothing would end a stream that is opened for HEAD, or while the service stops.
      if (request.method === 'HEAD' || closing) return reply.send(Readable.from([]))
      const stream = new Readable({ read: () => {} })
      let announced = ''
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
        const text = await look()
        if (streams.isOpen(stream)) streams.send(stream, text)
      }

      /** Ends the stream if the session has ended; else gives what to say meanwhile. */
      async function look(): Promise<string> {
        const found = await stateOf(key.handle, session.id)
        if (found === 'unknown') return ': the session cannot be checked right now\n\n'
        if (!(found instanceof Refusal)) return announce(found)
        // Nothing can follow the end, and two notices may look at once.
        if (streams.isOpen(stream)) streams.end(stream, event('session.ended', problem(found)))
        return ''
      }

      /** Says once of each deadline that it is near. */
      function announce(live: LiveSession): string {
        const ending = endingOf(live, now())
        if (ending === null || ending.at === announced) return ': still signed in\n\n'
        announced = ending.at
        return event('session.ending', ending)
      }
    },
  )

  /** The session while it lives, then the 401 that it would get now. */
  async function stateOf(handle: string, sessionId: string): Promise<LiveSession | Refusal | 'unknown'> {
    try {
      const found = await sessions.findById(handle, sessionId) // which stays when the password changes, unlike the secret
      if (found?.state === 'live') return found.session
      return found === null ? unauthenticated() : sessionEnded(found.ended)
    } catch {
      return 'unknown'
    }
  }
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** How often a stream looks by itself, and when a browser comes back after a break: milliseconds. */
const LOOK_EVERY = 5_000
const RETRY = 2_000
