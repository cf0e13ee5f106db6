import cors from '@fastify/cors'
import { Refusal } from '../errors.ts'
import { isCrossOrigin, ownOrigins } from './cross-origin.ts'
import type { App } from './types.ts'

/**
 * Lets the pages of `allowedOrigins` use the API with credentials, and refuses what pages of other origins make a browser
 * send. Before the body, the cookie and any password are looked at; login and logout included.
 */
export async function guardOrigins(app: App, allowedOrigins: readonly string[]): Promise<void> {
  const allowed = new Set(allowedOrigins)
  app.addHook('onRequest', (request, reply, done) => {
    const { method, headers, socket } = request
    reply.header('vary', 'Sec-Fetch-Site') // the plugin adds Origin
    const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = headers
    const provenance = { method, origin, site: site?.toString(), mode: mode?.toString() }
    const own = () => ownOrigins(socket.localAddress, socket.localPort)
    if (isCrossOrigin(provenance, allowed, own) && !request.routeOptions.config.asksForAnother)
      throw new Refusal('cross_origin')
    done()
  })
  if (allowed.size === 0) return // then there is nothing that CORS could allow
  await app.register(cors, {
    origin: (origin, done) => done(null, origin !== undefined && allowed.has(origin) ? origin : false),
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Content-Type'],
    exposedHeaders: ['Retry-After'],
    maxAge: 600,
  })
}
