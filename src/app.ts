import cookiePlugin from '@fastify/cookie'
import type { Accounts } from './accounts/accounts.ts'
import { verifyWith } from './accounts/sign-in.ts'
import type { SignUp } from './accounts/sign-up.ts'
import { declareAccess, refuseUnruledRoutes } from './http/access.ts'
import { collectMethods, refuseOtherMethods } from './http/allowed-methods.ts'
import type { SessionCookie } from './http/cookie.ts'
import { requireSession } from './http/guard.ts'
import { carrySessions } from './http/session-plugin.ts'
import type { App } from './http/types.ts'
import type { Passwords } from './passwords/passwords.ts'
import { healthRoutes } from './routes/health.ts'
import { loginRoutes } from './routes/login.ts'
import { logoutRoutes } from './routes/logout.ts'
import { meRoutes } from './routes/me.ts'
import { openapiRoutes } from './routes/openapi.ts'
import { registerRoutes } from './routes/register.ts'
import type { Sessions } from './sessions/sessions.ts'

/** What the routes stand on. They know these interfaces and no engine. */
export type Parts = {
  accounts: Accounts
  sessions: Sessions
  passwords: Passwords
  signUp: SignUp
  cookie: SessionCookie
  signupOpen: boolean
  /** Resolves if every store answers. */
  ready: () => Promise<void>
}

/** Mounts every route, each in the scope that says whom it is for. The table of contents of the API. */
export async function mountApp(app: App, parts: Parts): Promise<void> {
  const { sessions, cookie } = parts
  const known = collectMethods(app)
  refuseUnruledRoutes(app)
  app.decorateRequest('principal', null)
  app.decorateRequest('born', null)
  await app.register(cookiePlugin)

  // Open to anyone; the store is never asked, cookie or not.
  await app.register(async (open: App) => {
    declareAccess(open, 'public')
    await healthRoutes(open, parts)
    await openapiRoutes(open)
    await registerRoutes(open, { signUp: parts.signUp, open: parts.signupOpen })
  })

  // Open to anyone; this is where sessions begin and end.
  await app.register(async (open: App) => {
    declareAccess(open, 'public')
    await carrySessions(open, sessions, cookie)
    await loginRoutes(open, { sessions, cookie, verify: verifyWith(parts.accounts, parts.passwords) })
    await logoutRoutes(open, { cookie })
  })

  // Only with a live session.
  await app.register(async (guarded: App) => {
    declareAccess(guarded, 'session')
    guarded.addHook('preHandler', requireSession(sessions, cookie))
    await meRoutes(guarded)
  })

  await app.register(async (others: App) => {
    declareAccess(others, 'public')
    refuseOtherMethods(others, known)
  })
}
