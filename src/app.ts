import { Role } from '../schemas/user.ts'
import { ADMIN } from './accounts/accounts.ts'
import { requireRole, requireSession, requireUnusedSession } from './fastify/guard.ts'
import type { Principal } from './fastify/principal.ts'
import { writeSessionCookies } from './fastify/session-plugin.ts'
import { declareAccess, requireAccessRules } from './http/access.ts'
import { collectMethods, refuseOtherMethods } from './http/methods.ts'
import { guardOrigins } from './http/origins.ts'
import { refusalFor } from './http/problems.ts'
import type { App } from './http/types.ts'
import { requireKey, requireKeyOr } from './keys/require-key.ts'
import { adminAccountsRoutes } from './routes/admin-accounts.ts'
import { adminExternalUsersRoutes } from './routes/admin-external-users.ts'
import { adminInvitationsRoutes } from './routes/admin-invitations.ts'
import { adminSessionsRoutes } from './routes/admin-sessions.ts'
import { adminUserSessionsRoutes } from './routes/admin-user-sessions.ts'
import { adminUsersRoutes } from './routes/admin-users.ts'
import { changePasswordPageRoutes } from './routes/change-password-page.ts'
import { disputeRoutes } from './routes/dispute.ts'
import { disputeAccount } from './routes/dispute-account.ts'
import { docsRoutes } from './routes/docs.ts'
import { emailConfirmRoutes } from './routes/email-confirm.ts'
import { healthRoutes } from './routes/health.ts'
import { loginRoutes } from './routes/login.ts'
import { logoutRoutes } from './routes/logout.ts'
import { meRoutes } from './routes/me.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { myAccountRoutes } from './routes/my-account.ts'
import { myEventsRoutes } from './routes/my-events.ts'
import { myPasswordRoutes } from './routes/my-password.ts'
import { mySessionsRoutes } from './routes/my-sessions.ts'
import { myTimelineRoutes } from './routes/my-timeline.ts'
import { myTouchRoutes } from './routes/my-touch.ts'
import { openapiRoutes } from './routes/openapi.ts'
import type { Parts } from './routes/parts.ts'
import { refuseWhilePasswordDue } from './routes/password-due.ts'
import { passwordResetRoutes } from './routes/password-reset.ts'
import { registerRoutes } from './routes/register.ts'
import { sessionsRoutes } from './routes/sessions.ts'
import { verifyRoutes } from './routes/verify.ts'
import { nameOf } from './routes/views.ts'

/**
 * Mounts every route, each in a scope whose guard says who may call it.
 *
 * These are the hooks of a request, in the order they run. Some are added by `createFastify` (`http/server.ts`), the rest below.
 *
 *     onRequest   tellRoute                   every request   tells the response its route, for the metrics
 *     onRequest   boundPipelining             every request   ends a connection with too many waiting requests
 *     onRequest   addHsts                     every request   behind a proxy: has browsers use HTTPS only
 *     onRequest   warnOfUntrustedProxy        every request   warns of a proxy that TRUST_PROXY does not name
 *     onRequest   refuseOddHead               every request   refuses odd forms of path, headers and length
 *     onRequest   guardOrigins                every request   refuses pages of other origins
 *     onRequest   varyByOrigin                every request   with ALLOWED_ORIGINS: has caches keep origins apart
 *     onRequest   handleCors                  every request   with ALLOWED_ORIGINS: lets those pages read answers
 *     onRequest   fastifyCookieHandler        cookie writers  parses the Cookie header, for the plugin below only
 *     onRequest   readCookie                  cookie writers  refuses two session cookies, and HTTP where HTTPS is needed
 *     onRequest   handleSession               cookie writers  of @fastify/session: looks nothing up
 *     preParsing  refuseOddType               every request   refuses bodies that are not plain JSON
 *     preHandler  requireSession              a session       reads the token, finds the session, or says why it ended
 *     preHandler  requireUnusedSession        event streams   the same, but does not move the idle deadline
 *     preHandler  refuseWhilePasswordDue      a session       refuses most calls until a due password change is done
 *     preHandler  requireKeyOrOther           administrators  needs a service key, or a session with the role `admin`
 *     preHandler  requireKey                  programs        needs a service key
 *     onSend      fastifyCookieOnSendHandler  cookie writers  writes Set-Cookie
 *     onSend      keepCookieUnlessIssued      cookie writers  stops the cookie, unless a session was made
 *     onSend      saveSession                 cookie writers  of @fastify/session: sets the cookie of a new session
 *     onSend      send                        some of these   sets the cookie that recognises a device
 *     onError     countError                  every request   counts errors by their code
 */
export async function mountApp(app: App, parts: Parts): Promise<void> {
  const { sessions, cookie, readToken, readKey, challenge, isExternal } = parts
  await guardOrigins(app, parts.allowedOrigins)
  const known = collectMethods(app)
  requireAccessRules(app)
  app.addHook('onError', async function countError(_request, _reply, error) {
    parts.metrics.countError(refusalFor(error).code)
  })
  app.decorateRequest('principal', null as unknown as Principal) // null at run time: see its type
  app.decorateRequest('issued', null)
  app.decorateRequest('serviceKey', null)
  const withSession = requireSession(sessions, readToken, challenge)
  const asAdministrator = requireRole(ADMIN)

  // Open to anyone. No session is looked up.
  await app.register(async (open: App) => {
    declareAccess(open, 'public')
    await healthRoutes(open, parts)
    await metricsRoutes(open, parts)
    await openapiRoutes(open, parts)
    await docsRoutes(open)
    if (!isExternal) {
      await registerRoutes(open, parts)
      await passwordResetRoutes(open, parts)
      await emailConfirmRoutes(open, parts)
      await changePasswordPageRoutes(open, parts)
    }
  })

  // Open to anyone. These routes begin and end sessions.
  await app.register(async (open: App) => {
    declareAccess(open, 'public')
    await writeSessionCookies(open, cookie, parts.absoluteTimeout)
    if (!isExternal) await loginRoutes(open, parts)
    await logoutRoutes(open, parts)
    await disputeRoutes(open, { ...parts, dispute: disputeAccount(parts) })
  })

  // Needs a live session.
  await app.register(async (guarded: App) => {
    declareAccess(guarded, 'session')
    guarded.addHook('preHandler', withSession)
    await meRoutes(guarded)

    // These routes can end the caller's session, or give it another cookie.
    await guarded.register(async (changing: App) => {
      await writeSessionCookies(changing, cookie, parts.absoluteTimeout)
      await mySessionsRoutes(changing, parts)
      if (!isExternal) await myPasswordRoutes(changing, parts)
    })
  })

  // Needs a live session, and refuses while the user has to choose another password.
  await app.register(async (settled: App) => {
    declareAccess(settled, 'session', 'password_change_required')
    settled.addHook('preHandler', withSession)
    settled.addHook('preHandler', refuseWhilePasswordDue)
    await myTimelineRoutes(settled, parts)
    await myTouchRoutes(settled, parts)
    await verifyRoutes(settled, { nameOf, Role })
    await settled.register(async (changing: App) => {
      await writeSessionCookies(changing, cookie, parts.absoluteTimeout)
      if (!isExternal) await myAccountRoutes(changing, parts)
    })
  })

  // Needs an administrator, or a program with a service key of the scope `admin`.
  await app.register(async (administrators: App) => {
    declareAccess(administrators, 'admin', 'password_change_required')
    administrators.addHook(
      'preHandler',
      requireKeyOr(readKey, 'admin', async function requireAdministrator(request) {
        await withSession(request)
        await refuseWhilePasswordDue(request)
        await asAdministrator(request)
      }),
    )
    await adminSessionsRoutes(administrators, parts)
    await adminUserSessionsRoutes(administrators, parts)
    if (isExternal) await adminExternalUsersRoutes(administrators, parts)
    else {
      await adminUsersRoutes(administrators, parts)
      await adminAccountsRoutes(administrators, parts)
      await adminInvitationsRoutes(administrators, parts)
    }
  })

  // Needs a service key of the scope `sign-in`.
  await app.register(async (programs: App) => {
    declareAccess(programs, 'service')
    programs.addHook('preHandler', requireKey(readKey, 'sign-in'))
    await sessionsRoutes(programs, parts)
  })

  // Needs a live session, but does not move its idle deadline: a page that only listens still idles out.
  await app.register(async (watching: App) => {
    declareAccess(watching, 'session', 'password_change_required')
    watching.addHook('preHandler', requireUnusedSession(sessions, readToken, challenge))
    watching.addHook('preHandler', refuseWhilePasswordDue)
    await myEventsRoutes(watching, parts)
  })

  await app.register(async (others: App) => {
    declareAccess(others, 'public')
    refuseOtherMethods(others, known)
  })
}
