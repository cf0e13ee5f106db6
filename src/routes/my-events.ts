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

/** The event that is sent a minute before a session expires. */
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
 * Tells a device at once when its session ends, with Server-Sent Events (WHATWG HTML §9.2), and then closes the stream. A minute
 * before a session expires it says so, so that the user can stay with `POST /me/touch`.
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
      reply.type('text/event-stream').header('x-accel-buffering', 'no') // or nginx would buffer it
      // Answer HEAD, and requests while the service stops, without a stream: nothing would end it.
      if (request.method === 'HEAD' || closing) return reply.send(Readable.from([]))
      const stream = new Readable({ read: () => {} })
      let announced = ''
      const unsubscribe = notices.subscribe(key.handle, () => void sendState())
      const timer = setInterval(() => void sendState(), CHECK_EVERY)
      streams.add(stream, { user: key.handle, session: session.id })
      stream.on('close', () => {
        clearInterval(timer)
        unsubscribe()
      })
      streams.send(stream, `retry: ${RETRY}\n\n`)
      await sendState() // the session may have ended since the guard ran
      return reply.send(stream)

      /** Sends the current state. If a notice got lost, the next regular call sends it. */
      async function sendState(): Promise<void> {
        const text = await readState()
        if (streams.isOpen(stream)) streams.send(stream, text)
      }

      /** Ends the stream if the session has ended; otherwise gives the text to send. */
      async function readState(): Promise<string> {
        const found = await stateOf(key.handle, session.id)
        if (found === 'unknown') return ': the session cannot be checked right now\n\n'
        if (!(found instanceof Refusal)) return announce(found)
        // Two notices may get here at the same time, and nothing may follow the end.
        if (streams.isOpen(stream)) streams.end(stream, event('session.ended', problem(found)))
        return ''
      }

      /** Announces each deadline once when it is near. */
      function announce(live: LiveSession): string {
        const ending = endingOf(live, now())
        if (ending === null || ending.at === announced) return ': still signed in\n\n'
        announced = ending.at
        return event('session.ending', ending)
      }
    },
  )

  /** The session while it is live, and after that the 401 that a request of it would get. */
  async function stateOf(handle: string, sessionId: string): Promise<LiveSession | Refusal | 'unknown'> {
    try {
      const found = await sessions.findById(handle, sessionId) // the id stays when the password changes, the secret does not
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

/** How often a stream checks the session, and after what time a browser connects again: milliseconds. */
const CHECK_EVERY = 5_000
const RETRY = 2_000
