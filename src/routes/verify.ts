import { type TString, Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { SignedIn } from '../../schemas/session.ts'
import { Refusal } from '../errors.ts'
import { liveOf } from '../fastify/principal.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { SessionUser } from '../sessions/record.ts'
import type { Live } from '../sessions/sessions.ts'
import { viewSignedIn } from './views.ts'

type VerifyOptions = {
  /** The name of a user; null if only the id is known. */
  nameOf: (user: SessionUser) => string | null
  /** The schema of a role. */
  Role: TString
}

/**
 * Tells other backends and proxies who makes a request, and whether they have a role. The answer is JSON if `Accept` asks for it.
 * It is valid for this one request and must not be cached.
 */
export async function verifyRoutes(app: App, { nameOf, Role }: VerifyOptions): Promise<void> {
  app.get(
    '/verify',
    {
      config: { asksForAnother: true },
      schema: {
        operationId: 'verify',
        summary:
          'Whether this session is live and its user has one of the roles; the answer is in the headers.',
        // Other parameters belong to the page that the proxy asks about, and are ignored.
        querystring: Type.Object({
          role: Type.Optional(
            Type.Array(Role, { maxItems: 16, description: 'One of these is enough.' }),
          ),
        }),
        response: {
          200: SignedIn,
          204: Type.Null({
            description: 'Yes; see X-User-Id, X-User-Name, X-User-Roles, X-Session-Id, X-Session-Epoch.',
          }),
          ...refusals('forbidden'),
        },
      },
    },
    async function verify(request, reply) {
      const live = liveOf(request)
      const { role } = request.query
      if (role !== undefined && !role.some((each) => live.user.roles.includes(each)))
        throw new Refusal('forbidden')
      reply.headers(tellWho(live, nameOf(live.user)))
      return asksForJson(request) ? reply.code(200).send(viewSignedIn(live)) : reply.code(204).send(null)
    },
  )

  await app.register((scope: App) => envoyRoutes(scope, nameOf))
}

/**
 * Envoy asks with the method and path of the original request after a prefix, and only 200 means yes. Query and body are those of
 * the original request, and are ignored.
 */
async function envoyRoutes(app: App, nameOf: VerifyOptions['nameOf']): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, body, done) => {
    body.resume()
    done(null, undefined)
  })
  // Elsewhere OPTIONS is answered without a session. A proxy that keeps the method would take that for a yes.
  const asked = [
    ...METHODS.map((method) => ({ method, url: '/verify/*' })),
    { method: 'OPTIONS', url: '/verify' },
  ]
  for (const { method, url } of asked) {
    app.route({
      method,
      url,
      config: { asksForAnother: true },
      schema: { hide: true, response: { 200: SignedIn } },
      handler: async function verifyForEnvoy(request, reply) {
        const live = liveOf(request)
        return reply.headers(tellWho(live, nameOf(live.user))).send(viewSignedIn(live))
      },
    })
  }
}

function tellWho({ user, session }: Live, name: string | null): Record<string, string> {
  return {
    'x-user-id': toHeader(user.id),
    ...(name !== null && { 'x-user-name': toHeader(name) }),
    'x-user-roles': user.roles.map(toHeader).join(','),
    'x-session-id': session.id,
    'x-session-epoch': String(session.epoch),
  }
}

function asksForJson({ headers }: FastifyRequest): boolean {
  return /(^|,)\s*application\/json\s*(;|,|$)/i.test(headers.accept?.slice(0, ACCEPT_MAX) ?? '')
}

/** Headers are ASCII. Other characters, `%`, and commas inside a role are percent-encoded as in a URL. */
function toHeader(name: string): string {
  return name.toWellFormed().replace(/[^\x21-\x24\x26-\x2b\x2d-\x7e]/gu, encodeURIComponent)
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const ACCEPT_MAX = 512
