import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Claimed } from '../sessions/sessions.ts'
import type { SessionCookie } from './cookie.ts'

/**
 * `@fastify/session`, over `@fastify/cookie`, for the routes where sessions begin and end. The plugin writes the cookie and
 * nothing else: which session is live is decided by `Sessions` alone, which the routes ask themselves.
 */
export async function carrySessions(
  scope: FastifyInstance,
  cookie: SessionCookie,
  absoluteTimeout: number,
): Promise<void> {
  // The plugin's cookies have no `Max-Age` of their own.
  await scope.register(fastifyCookie, { parseOptions: { maxAge: Math.ceil(absoluteTimeout / 1000) } })
  scope.addHook('onRequest', async function readCookie(request) {
    cookie.requireTransport(request)
    cookie.read(request) // refuses two of them, before anything is done
  })
  scope.addHook('onSend', keepCookieUnlessIssued) // before the plugin's own, which would write a cookie for less
  await scope.register(fastifySession, {
    cookieName: cookie.name,
    secret: UNSIGNED,
    cookie: { path: '/', secure: false },
    rolling: false,
    saveUninitialized: false,
    // A session that nobody has issued has no id: it cannot be stored, destroyed or sent.
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
  request.session.publicId = issued.session.id // a session without content is not sent
}

/**
 * Only a response that creates a session may set the session cookie; otherwise a slow response of an older request could
 * overwrite the cookie of a newer login. If something fails after that, it is told past all hooks, and a browser that was told
 * of a failure keeps what it has.
 */
async function keepCookieUnlessIssued(
  request: FastifyRequest,
  _reply: unknown,
  payload: unknown,
): Promise<unknown> {
  // The plugin's types do not know it, but no session is what it takes `null` for, and then it writes nothing.
  if (request.issued === null) (request as { session: unknown }).session = null
  return payload
}

/**
 * The plugin verifies nothing: a secret of 256 random bits is compared as a keyed hash with what the store has, and a
 * signature would say no more than that. So it also never looks a session up by itself.
 */
const UNSIGNED = {
  sign: (value: string) => value,
  unsign: () => ({ valid: false, renew: false, value: null }) as const,
}

/** What the plugin would store is stored already, by the login. So no response can bring a session back. */
const NOTHING_STORED: fastifySession.SessionStore = {
  get: (_id, done) => done(null, null),
  set: (_id, _session, done) => done(),
  destroy: (_id, done) => done(),
}
