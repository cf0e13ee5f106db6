import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Claimed } from '../sessions/sessions.ts'
import type { SessionCookie } from './cookie.ts'

/**
 * `@fastify/session`, over `@fastify/cookie`, for the routes where sessions begin and end. The plugin only writes the cookie.
 * `Sessions` alone decides which session is live, and the routes ask it directly.
 */
export async function writeSessionCookies(
  scope: FastifyInstance,
  cookie: SessionCookie,
  absoluteTimeout: number,
): Promise<void> {
  // The plugin's cookies have no `Max-Age` of their own.
  await scope.register(fastifyCookie, { parseOptions: { maxAge: Math.ceil(absoluteTimeout / 1000) } })
  scope.addHook('onRequest', async function readCookie(request) {
    cookie.requireTransport(request)
    cookie.read(request) // throws for two session cookies, before anything is done
  })
  scope.addHook('onSend', keepCookieUnlessIssued) // runs before the plugin's own hook, which would set a cookie more often
  await scope.register(fastifySession, {
    cookieName: cookie.name,
    secret: UNSIGNED,
    cookie: { path: '/', secure: false },
    rolling: false,
    saveUninitialized: false,
    // A session that was not issued gets no id, so the plugin cannot store, destroy or send it.
    idGenerator: (request) => (request as FastifyRequest | undefined)?.issued?.token ?? '',
    store: NOTHING_STORED,
  })
}

/** Gives the response the cookie of a new session. The plugin sends it, once. */
export async function issueCookie(
  request: FastifyRequest,
  issued: Claimed,
  cookie: SessionCookie,
): Promise<void> {
  request.issued = issued
  await request.session.regenerate()
  const { maxAge: _, ...attributes } = cookie.attributesFor(request, issued)
  request.session.options(attributes)
  request.session.publicId = issued.session.id // the plugin sends no session without content
}

/**
 * Only a response that creates a session may set the session cookie; otherwise a slow response of an older request could
 * overwrite the cookie of a newer login. If something fails after that, the error answer bypasses all hooks and sets no cookie.
 */
async function keepCookieUnlessIssued(
  request: FastifyRequest,
  _reply: unknown,
  payload: unknown,
): Promise<unknown> {
  // The plugin takes `null` for no session, and then writes nothing. Its types do not allow it.
  if (request.issued === null) (request as { session: unknown }).session = null
  return payload
}

/**
 * The plugin signs and verifies nothing. The store compares a keyed hash of the secret of 256 random bits, and a signature would
 * prove no more. Because `unsign` fails, the plugin never looks a session up by itself.
 */
const UNSIGNED = {
  sign: (value: string) => value,
  unsign: () => ({ valid: false, renew: false, value: null }) as const,
}

/** The login has stored the session already, so the plugin stores nothing, and no response can bring an ended session back. */
const NOTHING_STORED: fastifySession.SessionStore = {
  get: (_id, done) => done(null, null),
  set: (_id, _session, done) => done(),
  destroy: (_id, done) => done(),
}
