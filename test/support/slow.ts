import type { SessionCookie } from '../../src/fastify/cookie.ts'
import { requireSession } from '../../src/fastify/guard.ts'
import { liveOf } from '../../src/fastify/principal.ts'
import { writeSessionCookies } from '../../src/fastify/session-plugin.ts'
import { declareAccess } from '../../src/http/access.ts'
import type { App } from '../../src/http/types.ts'
import type { Parts } from '../../src/routes/parts.ts'
import type { Sessions } from '../../src/sessions/sessions.ts'

type Carry = (app: App, sessions: Sessions, cookie: SessionCookie) => Promise<void>

/**
 * Routes that stay under way for as long as `wait` does: a guarded read, and two that change the session in the scope of
 * the plugin, one of which then fails. `naive` carries all three instead of our plugin and its absence from guarded scopes.
 */
export function slowRoutes(wait: () => Promise<void>, naive: Carry | null = null) {
  return async (app: App, { sessions, cookie, absoluteTimeout }: Parts): Promise<void> => {
    await app.register(async (guarded: App) => {
      declareAccess(guarded, 'session')
      if (naive !== null) await naive(guarded, sessions, cookie)
      guarded.addHook('preHandler', requireSession(sessions, cookie.read))
      guarded.get('/slow', async (request) => {
        await wait()
        return { username: liveOf(request).user.data?.['username'] }
      })
    })

    await app.register(async (open: App) => {
      declareAccess(open, 'public')
      if (naive === null) await writeSessionCookies(open, cookie, absoluteTimeout)
      else await naive(open, sessions, cookie)
      open.post('/slow-change', async (request) => {
        request.session.publicId = 'changed'
        await wait()
        return {}
      })
      open.post('/slow-failure', async (request) => {
        request.session.publicId = 'changed'
        await wait()
        throw new Error('a handler that fails')
      })
    })
  }
}
