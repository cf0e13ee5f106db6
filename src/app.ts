import { type Accounts, ADMIN } from './accounts/accounts.ts'
import type { Online } from './accounts/online.ts'
import type { Passwords } from './accounts/passwords.ts'
import type { VerifyCredentials } from './accounts/sign-in.ts'
import type { SignUp } from './accounts/sign-up.ts'
import type { SessionCookie } from './fastify/cookie.ts'
import { requireRole, requireSession, requireUnusedSession } from './fastify/guard.ts'
import type { Principal } from './fastify/principal.ts'
import { carrySessions } from './fastify/session-plugin.ts'
import { declareAccess, refuseUnruledRoutes } from './http/access.ts'
import { collectMethods, refuseOtherMethods } from './http/methods.ts'
import { guardOrigins } from './http/origins.ts'
import { refusalFor } from './http/problems.ts'
import type { App } from './http/types.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { Notices } from './notices/notices.ts'
import { adminSessionsRoutes } from './routes/admin-sessions.ts'
import { adminUsersRoutes } from './routes/admin-users.ts'
import { disputeRoutes } from './routes/dispute.ts'
import { docsRoutes } from './routes/docs.ts'
import { healthRoutes } from './routes/health.ts'
import { loginRoutes } from './routes/login.ts'
import { logoutRoutes } from './routes/logout.ts'
import { meRoutes } from './routes/me.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { myEventsRoutes } from './routes/my-events.ts'
import { myPasswordRoutes } from './routes/my-password.ts'
import { mySessionsRoutes } from './routes/my-sessions.ts'
import { myTimelineRoutes } from './routes/my-timeline.ts'
import { myTouchRoutes } from './routes/my-touch.ts'
import { openapiRoutes } from './routes/openapi.ts'
import { registerRoutes } from './routes/register.ts'
import { verifyRoutes } from './routes/verify.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { DeviceCookie } from './throttle/device-cookie.ts'
import type { RegistrationLimit } from './throttle/registrations.ts'
import type { Throttle } from './throttle/throttle.ts'
import type { Audit } from './timeline/audit.ts'
import type { Timeline } from './timeline/timeline.ts'

/** What the routes stand on. They know these interfaces and no engine. */
export type Parts = {
  accounts: Accounts
  sessions: Sessions
  online: Online
  notices: Notices
  metrics: Metrics
  timeline: Timeline
  audit: Audit
  passwords: Passwords
  signUp: SignUp
  verify: VerifyCredentials
  cookie: SessionCookie
  device: DeviceCookie
  throttle: Throttle
  registrationLimit: RegistrationLimit
  signupOpen: boolean
  allowedOrigins: readonly string[]
  /** How long a session lives at most, milliseconds. */
  absoluteTimeout: number
  /** The clock by which sessions end: milliseconds since 1970. */
  now: () => number
  /** Resolves if every store answers. */
  ready: () => Promise<void>
}

/** Mounts every route, each in the scope that says whom it is for. The table of contents of the API. */
export async function mountApp(app: App, parts: Parts): Promise<void> {
  const { sessions, cookie } = parts
  await guardOrigins(app, parts.allowedOrigins)
  const known = collectMethods(app)
  refuseUnruledRoutes(app)
  app.addHook('onError', async (_request, _reply, error) =>
    parts.metrics.countError(refusalFor(error).code),
  )
  app.decorateRequest('principal', null as unknown as Principal) // null at run time: see its type
  app.decorateRequest('issued', null)

  // Open to anyone; the store is never asked, cookie or not.
  await app.register(async (open: App) => {
    declareAccess(open, 'public')
    await healthRoutes(open, parts)
    await metricsRoutes(open, parts)
    await openapiRoutes(open)
    await docsRoutes(open)
    await registerRoutes(open, parts)
  })

  // Open to anyone; this is where sessions begin and end.
  await app.register(async (open: App) => {
    declareAccess(open, 'public')
    await carrySessions(open, cookie, parts.absoluteTimeout)
    await loginRoutes(open, parts)
    await logoutRoutes(open, parts)
    await disputeRoutes(open, parts)
  })

  // Only with a live session.
  await app.register(async (guarded: App) => {
    declareAccess(guarded, 'session')
    guarded.addHook('preHandler', requireSession(sessions, cookie.read))
    await meRoutes(guarded)
    await myTimelineRoutes(guarded, parts)
    await myTouchRoutes(guarded, parts)
    await verifyRoutes(guarded)

    // Where a session of one's own can end, or go on under another cookie.
    await guarded.register(async (changing: App) => {
      await carrySessions(changing, cookie, parts.absoluteTimeout)
      await mySessionsRoutes(changing, parts)
      await myPasswordRoutes(changing, parts)
    })

    // Only for administrators.
    await guarded.register(async (administrators: App) => {
      declareAccess(administrators, 'admin')
      administrators.addHook('preHandler', requireRole(ADMIN))
      await adminSessionsRoutes(administrators, parts)
      await adminUsersRoutes(administrators, parts)
    })
  })

  // Only with a live session, which does not count as used: a page that watches still idles out.
  await app.register(async (watching: App) => {
    declareAccess(watching, 'session')
    watching.addHook('preHandler', requireUnusedSession(sessions, cookie.read))
    await myEventsRoutes(watching, parts)
  })

  await app.register(async (others: App) => {
    declareAccess(others, 'public')
    refuseOtherMethods(others, known)
  })
}
