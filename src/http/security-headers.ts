import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
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

/**
 * Node's response, which cannot leave without the security headers. They go in as they are, behind the status line: set like
 * any other, each would be checked again for every answer.
 */
export class SecureResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  override _storeHeader(statusLine: string, headers?: OutgoingHttpHeaders): void {
    let start = statusLine
    for (const [name, line] of LINES) if (headers?.[name] === undefined) start += line
    super._storeHeader(start, headers)
  }
}

declare module 'node:http' {
  interface ServerResponse {
    /** Writes the head of a response; not documented, and the same since Node.js 0.5. A test sees every header arrive. */
    _storeHeader(statusLine: string, headers?: OutgoingHttpHeaders): void
  }
}

const LINES = Object.entries(SECURITY_HEADERS).map(
  ([name, value]) => [name, `${name}: ${value}\r\n`] as const,
)

/**
 * Has browsers come back over HTTPS only, for two years, and not to hosts that are not ours. Over plain HTTP they have to
 * ignore it (RFC 6797 §8.1).
 */
export function keepToHttps(request: FastifyRequest, reply: FastifyReply): void {
  if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=63072000')
}
