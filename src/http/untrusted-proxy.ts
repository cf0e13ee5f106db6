import type { FastifyRequest } from 'fastify'
import type { App } from './types.ts'

/**
 * Warns once if a client that `TRUST_PROXY` does not name says for whom it asks. It may be a proxy that somebody forgot to name:
 * then all who come through it are one address, and are shut out together. It may also be anybody, so the log has it only once.
 */
export function warnOfUntrustedProxy(app: App): void {
  let warned = false
  app.addHook('onRequest', function warnOfUntrustedProxy(request, _reply, done) {
    if (!warned && isUntrusted(request)) {
      warned = true
      request.log.warn({ event: 'untrusted_proxy', ip: request.ip }, WARNING)
    }
    done()
  })
}

/** Fastify gives the addresses that it believes: the client's own, and what proxies that we trust say. */
function isUntrusted({ headers, ips = [] }: FastifyRequest): boolean {
  return Boolean(headers['x-forwarded-for']) && ips.length < 2
}

const WARNING =
  'X-Forwarded-For came from an address that TRUST_PROXY does not name, and is ignored. If this is your proxy, put its address there: ' +
  'until then all clients behind it count as one. If it is not, nothing has to be done.'
