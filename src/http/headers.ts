import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'

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
  vary: 'Sec-Fetch-Site', // by which `guardOrigins` refuses
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * Node's response with the security headers. `writeHead` adds those that the response does not set itself. Every response passes
 * through it: Node calls it also for a response that never did. `checkSecurityHeaders` makes sure of that at the start.
 */
export class SecureResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    if (typeof reason === 'string') return super.writeHead(status, reason, complete(this, headers))
    return super.writeHead(status, complete(this, headers ?? reason))
  }
}

/** `given` with the security headers. Where some are set already, or form a list, the missing ones are set one by one. */
function complete(response: ServerResponse, given: Headers = {}): Headers {
  if (!Array.isArray(given) && response.getHeaderNames().length === 0) {
    const all: OutgoingHttpHeaders = { ...SECURITY_HEADERS }
    for (const name in given) all[name.toLowerCase()] = given[name]
    return all
  }
  const names = Array.isArray(given) ? given.filter((_, i) => i % 2 === 0) : Object.keys(given)
  const isGiven = new Set(names.map((name) => String(name).toLowerCase()))
  for (const [name, value] of Object.entries(SECURITY_HEADERS))
    if (!isGiven.has(name) && !response.hasHeader(name)) response.setHeader(name, value)
  return given
}

/**
 * Has browsers come back over HTTPS only, for two years, and not to hosts that are not ours. Over plain HTTP they have to
 * ignore it (RFC 6797 §8.1).
 */
export function keepToHttps(request: FastifyRequest, reply: FastifyReply): void {
  if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=63072000')
}
