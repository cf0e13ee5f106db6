import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Refusal } from '../errors.ts'
import { createSessions } from '../sessions/create-sessions.ts'
import { newHandle } from '../sessions/token.ts'
import type { StorePlaces, Stores } from '../stores/open-stores.ts'
import { type AppSessions, appSessions } from './app-sessions.ts'
import { completeChangesEverySecond } from './complete-changes.ts'
import { sessionCookie } from './cookie.ts'
import { endedEvents } from './ended-events.ts'
import { answerRefused, authenticate } from './guard.ts'
import { checkOptions, type OneseatOptions } from './options.ts'
import type { Principal } from './principal.ts'
import { keepRegistration } from './registration.ts'
import { type SignIn, signInWith, signOutWith } from './sign-in.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** A preHandler hook that lets only requests with a live session pass, and sets `request.principal`. */
    requireSession: Guard
    /** A preHandler hook that lets only requests with a live session of a user with one of these roles pass. */
    requireRole(...roles: string[]): Guard
    /** What an application can do with the sessions of its users. */
    sessions: AppSessions
  }
  interface FastifyRequest {
    /** The user and session of this request, in a guarded route. Null at run time in an open one. */
    principal: Principal
  }
  interface FastifyReply {
    /**
     * Signs the user in on this browser and sets the cookie. Verify first who the user is. Throws `Refusal`s with `statusCode`
     * and `code`: 409 `session_limit_reached` (with `sessions`), 409 `login_superseded`, 401 `user_disabled`, 400
     * `invalid_request`, 426 `https_required`, 503 `store_unavailable`.
     */
    signIn: SignIn
    /** Ends the session of this browser, if it has one, clears its cookie, and sets the status 204. */
    signOut(): Promise<void>
  }
}

/** The type of a hook that fits every app, also over HTTP/2 or with another logger or type provider. */
type Guard = (request: unknown, reply: unknown) => Promise<unknown>

/** Opens the stores that the options name. */
type OpenStores = (places: StorePlaces, onError: (error: Error) => void) => Promise<Stores>

export type Oneseat = FastifyPluginAsync<OneseatOptions>

/** Makes the plugin. It imports no store: `openStores` opens them. */
export function oneseatOver(openStores: OpenStores): Oneseat {
  return fp(
    async function oneseat(app: FastifyInstance, options: OneseatOptions): Promise<void> {
      const checked = checkOptions(options)
      const { tablePrefix, keyPrefix, policyFor, idleTimeout, absoluteTimeout, secrets } = checked
      refuseOtherSessions(app)
      if (app.hasReplyDecorator('signIn'))
        throw new Error('oneseat: registered twice. Give each registration a scope of its own.')
      const { database, redis } = options
      const stores = await openStores({ database, redis, tablePrefix, keyPrefix }, (error) =>
        app.log.warn({ event: 'connection_failed', reason: error.message }, 'a connection failed'),
      )
      const { store, numbers, notices } = stores
      if (stores.leftRedis) app.log.warn({ event: 'left_redis' }, LEFT_REDIS)
      const ended = endedEvents(notices, numbers.changes, (error) =>
        app.log.error({ err: error }, 'a listener of app.sessions failed'),
      )
      const sessions = createSessions({
        ...{ store, numbers: numbers.numbers, histories: numbers.histories, changes: ended.changes },
        ...{ secrets, idleTimeout, absoluteTimeout, policyFor },
        onEnded: notices.publish,
        onExpired: ended.onExpired,
        onUnreadable: (handle) =>
          app.log.error({ event: 'unreadable_record', handle }, 'a session record was unreadable'),
      })
      const cookie = sessionCookie({ ...checked.cookie, secrets })
      const stop = completeChangesEverySecond(sessions)

      async function requireSession(request: FastifyRequest, reply: FastifyReply) {
        try {
          request.principal ??= await authenticate(sessions, cookie.read(request))
        } catch (error) {
          return answerRefused(error, request, reply, options.onRefused)
        }
      }

      function requireRole(...roles: string[]) {
        return async function requireRole(request: FastifyRequest, reply: FastifyReply) {
          await requireSession(request, reply)
          if (reply.sent || roles.some((role) => request.principal.user.roles.includes(role))) return
          return answerRefused(new Refusal('forbidden'), request, reply, options.onRefused)
        }
      }

      keepRegistration(app, { sessions, cookie, notices, now: () => store.now() })
      app.decorate('requireSession', requireSession as Guard) // Fastify passes what it takes
      app.decorate('requireRole', requireRole as (...roles: string[]) => Guard)
      app.decorate(
        'sessions',
        appSessions({
          ...{ sessions, numbers, db: stores.db, listen: ended.listen },
          newHandle: () => newHandle(randomBytes),
        }),
      )
      app.decorateRequest('principal', null as unknown as Principal) // null at run time: see its type
      app.decorateReply('signIn', signInWith(sessions, cookie))
      app.decorateReply('signOut', signOutWith(sessions, cookie))
      app.addHook('onReady', async () => refuseOtherSessions(app))
      app.addHook('onClose', async () => {
        await stop()
        await stores.close()
      })
    },
    { name: 'oneseat', fastify: '5.x' },
  )
}

const LEFT_REDIS =
  'oneseat: option redis is unset, but the sessions of this database were in Redis. Those have ended; if another instance still has it, a user can be signed in on both sides.'

/** Two sessions beside each other would each set a cookie, and only one of them would be the one that counts. */
function refuseOtherSessions(app: FastifyInstance): void {
  if (!app.hasPlugin('@fastify/session')) return
  throw new Error(
    'oneseat: this app has @fastify/session, which keeps sessions of its own. Remove it, or register oneseat in another scope.',
  )
}
