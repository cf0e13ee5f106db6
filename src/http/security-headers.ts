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

/**
 * Node's response, which cannot leave without the security headers. They go in as they are, behind the status line: set like
 * any other, each would be checked again for every answer. What a route sets itself stands instead of them.
 */
export class SecureResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    refuseOddNames(typeof reason === 'string' ? headers : reason)
    return super.writeHead(status, reason as string, headers) // Node takes either in the second place
  }

  override _storeHeader(statusLine: string, headers?: object): void {
    let start = statusLine
    for (const [name, line] of LINES) if (headers === undefined || !(name in headers)) start += line
    super._storeHeader(start, headers)
  }
}

declare module 'node:http' {
  interface ServerResponse {
    /**
     * Writes the head of a response. `headers` has its names in small letters, as `setHeader` and `refuseOddNames` see to. Not
     * documented; the same in Node.js 22.18 and 24.21, and tests see every header arrive.
     */
    _storeHeader(statusLine: string, headers?: object): void
  }
}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/** A header that is not recognized as one of ours would leave twice. */
function refuseOddNames(headers: Headers | undefined): void {
  for (const name in headers)
    if (Array.isArray(headers) || name !== name.toLowerCase())
      throw new TypeError('give the headers of a response as an object with names in small letters')
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
