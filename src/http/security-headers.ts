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
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** Node's response, which cannot leave without the security headers. A hook that sets them one by one costs more. */
export class SecureResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    return typeof reason === 'string'
      ? super.writeHead(status, reason, secured(headers))
      : super.writeHead(status, secured(reason))
  }
}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

function secured(headers: Headers | undefined): OutgoingHttpHeaders {
  if (Array.isArray(headers)) throw new TypeError('give the headers of a response as an object')
  return { ...SECURITY_HEADERS, ...headers }
}

/**
 * Has browsers come back over HTTPS only, for two years, and not to hosts that are not ours. Over plain HTTP they have to
 * ignore it (RFC 6797 §8.1).
 */
export function keepToHttps(request: FastifyRequest, reply: FastifyReply): void {
  if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=63072000')
}
