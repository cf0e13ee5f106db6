import type { FastifyRequest } from 'fastify'
import type { App } from './types.ts'

/**
 * Warns once if a client that `TRUST_PROXY` does not name sends `X-Forwarded-For`. It may be a proxy that was forgotten: then all
 * of its clients count as one address, and are throttled together. Anybody can send the header, so it is logged only once.
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

/** `ips` has the addresses that Fastify believes: that of the connection, and those that trusted proxies name. */
function isUntrusted({ headers, ips = [] }: FastifyRequest): boolean {
  return Boolean(headers['x-forwarded-for']) && ips.length < 2
}

const WARNING =
  'X-Forwarded-For came from an address that TRUST_PROXY does not name, and is ignored. If this is your proxy, put its address there: ' +
  'until then all clients behind it count as one. If it is not, nothing has to be done.'
