import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * The headers of every answer (ASVS 3.2.1, 3.4.4 to 3.4.6). They forbid to cache an answer, to guess its type, to frame it, and
 * to embed it in another site. A route that serves a page may set a wider policy.
 */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  vary: 'Sec-Fetch-Site', // `guardOrigins` decides by this header
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * Node's response, with the security headers. `writeHead` adds those that the response has not set. Node calls it for every
 * response, also if the program never does. `checkSecurityHeaders` verifies that at the start.
 */
export class SecureResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    if (typeof reason === 'string') return super.writeHead(status, reason, complete(this, headers))
    return super.writeHead(status, complete(this, headers ?? reason))
  }
}

/** `given` with the security headers. If headers are set already, or come as a list, the missing ones are set one by one. */
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
 * Makes browsers use HTTPS only, for two years. Other hosts of the domain are not included. Over plain HTTP browsers have to
 * ignore the header (RFC 6797 §8.1).
 */
export function keepToHttps(request: FastifyRequest, reply: FastifyReply): void {
  if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=63072000')
}
