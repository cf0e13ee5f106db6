import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './types.ts'

/**
 * What every answer carries, whoever writes it (ASVS 3.2.1, 3.4.4 to 3.4.6): nothing is kept by a cache, guessed to be of
 * another type, framed, or embedded by another site. A route that serves a page may set a wider policy of its own.
 */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** Puts the security headers on every answer that has a request behind it, before anything else happens to it. */
export function secureEveryReply(app: App): void {
  app.addHook('onRequest', (request, reply, done) => {
    secureReply(request, reply)
    done()
  })
}

/** Also for the errors that Fastify answers without running hooks. */
export function secureReply(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(SECURITY_HEADERS)
  // Over plain HTTP browsers have to ignore it (RFC 6797 §8.1). Two years, and not for hosts that are not ours.
  if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=63072000')
}
