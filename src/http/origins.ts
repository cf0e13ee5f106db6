import cors from '@fastify/cors'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { isCrossOrigin, ownOrigins } from './cross-origin.ts'
import { SECURITY_HEADERS } from './headers.ts'
import type { App } from './types.ts'

/**
 * Lets pages of `allowedOrigins` use the API with credentials, and refuses what pages of other origins make a browser send, login
 * and logout included. This comes before the body, the cookie or a password is read.
 */
export async function guardOrigins(app: App, allowedOrigins: readonly string[]): Promise<void> {
  const allowed = new Set(allowedOrigins)
  app.addHook('onRequest', function guardOrigins(request, _reply, done) {
    const { origin, 'sec-fetch-site': site } = request.headers
    if (origin !== undefined || site !== undefined) refuseForeign(request)
    done()
  })
  if (allowed.size === 0) return // CORS is not needed
  app.addHook('onRequest', function varyByOrigin(_request, reply, done) {
    reply.header('vary', SECURITY_HEADERS.vary) // the plugin adds Origin
    done()
  })
  await app.register(cors, {
    origin: (origin, done) => done(null, origin !== undefined && allowed.has(origin) ? origin : false),
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Content-Type'],
    exposedHeaders: ['Retry-After'],
    maxAge: 600,
  })

  function refuseForeign({ method, headers, socket, routeOptions }: FastifyRequest): void {
    const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
    const provenance = { method, origin, site: site?.toString(), mode: mode?.toString() }
    const own = () => ownOrigins(socket.localAddress, socket.localPort)
    if (isCrossOrigin(provenance, allowed, own) && !routeOptions.config.asksForAnother)
      throw new Refusal('cross_origin')
  }
}
