import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../http/types.ts'
import type { Claimed, Sessions } from '../sessions/sessions.ts'
import { readToken } from '../sessions/token.ts'
import type { SessionCookie } from './cookie.ts'

/**
 * `@fastify/session`, over `@fastify/cookie`, for the routes where sessions begin and end. The plugin owns the cookie; who has the seat is decided
 * by `Sessions` alone: its store can look at what lives and release what ends, and cannot create.
 */
export async function carrySessions(app: App, sessions: Sessions, cookie: SessionCookie): Promise<void> {
  await app.register(fastifyCookie)
  app.addHook('onRequest', async (request) => {
    cookie.requireTransport(request)
    cookie.read(request) // the plugin would take the first of two
  })
  app.addHook('onSend', keepCookieUnlessBorn) // before the plugin's own, which would write a cookie for less
  await app.register(fastifySession, {
    cookieName: cookie.name,
    secret: cookie.signer,
    cookie: { path: '/', secure: false },
    rolling: false,
    saveUninitialized: false,
    // An anonymous session has no id: it cannot be stored, destroyed or sent.
    idGenerator: (request) => (request as FastifyRequest | undefined)?.born?.token ?? '',
    store: sessionStore(sessions),
  })
}

/** Gives the request its newborn session, whose cookie the plugin then sets once; the one it came with is released. */
export async function bear(
  request: FastifyRequest,
  born: Claimed,
  cookie: SessionCookie,
): Promise<void> {
  request.born = born
  await request.session.regenerate()
  request.session.options({ ...cookie.attributes(request), expires: new Date(born.session.expiresAt) })
  request.session.publicId = born.session.id // a session without content is not sent
}

/**
 * A reply in flight must not overwrite or clear the cookie of a newer login: only a birth writes one. If something fails
 * after it, that is told past all hooks, and a browser that was told of a failure keeps what it has.
 */
async function keepCookieUnlessBorn(
  request: FastifyRequest,
  _reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  // The plugin's types do not know it, but no session is what it takes `null` for, and then it writes nothing.
  if (request.born === null) (request as { session: unknown }).session = null
  return payload
}

/** The store that the plugin sees. Ids are tokens; anything else is nobody's session, and the engine is not asked. */
function sessionStore(sessions: Sessions): fastifySession.SessionStore {
  return {
    get(id, done) {
      const proof = readToken(id)
      if (proof === null) return done(null, null)
      sessions.find(proof).then(
        (found) =>
          done(
            null,
            found?.state === 'live'
              ? { cookie: { originalMaxAge: null }, publicId: found.session.id }
              : null,
          ),
        (error) => done(error, null),
      )
    },

    /**
     * Writes nothing: the claim has stored all there is, and the guard moves the deadline. So no reply can bring a session
     * back, and no login fails after its seat was taken.
     */
    set(_id, _session, done) {
      done()
    },

    destroy(id, done) {
      const proof = readToken(id)
      if (proof === null) return done()
      sessions.release(proof, 'logged_out').then(() => done(), done)
    },
  }
}
