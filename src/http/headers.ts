import { type IncomingMessage, ServerResponse } from 'node:http'
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

/**
 * Node's response, which cannot leave without the security headers. They go in as they are, behind the status line: set like
 * any other, each would be checked again for every answer. What a route sets itself stands instead of them.
 */
export class SecureResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  override _storeHeader(statusLine: string, headers?: object): void {
    super._storeHeader(statusLine + linesBeside(headers), headers)
  }
}

declare module 'node:http' {
  interface ServerResponse {
    /**
     * Writes the head of a response. `headers` is what `setHeader` was given, its names in small letters, or else what
     * `writeHead` was. Not documented; the same in Node.js 22.18 and 24.21, and tests see every header arrive.
     */
    _storeHeader(statusLine: string, headers?: object): void
  }
}

/** The security headers that a response does not set itself. */
function linesBeside(headers: object | undefined): string {
  if (Array.isArray(headers)) throw oddNames()
  let setsItself = false
  for (const name in headers) if (isOurs(name)) setsItself = true
  if (headers === undefined || !setsItself) return ALL_LINES
  let lines = ''
  for (const [name, line] of LINES) if (!(name in headers)) lines += line
  return lines
}

/** Whether it is the name of a security header. One that is not recognized would leave twice. */
function isOurs(name: string): boolean {
  const known = NAMES.get(name)
  if (known !== undefined) return known
  if (name !== name.toLowerCase()) throw oddNames()
  NAMES.set(name, false)
  return false
}

function oddNames(): TypeError {
  return new TypeError('give the headers of a response as an object with names in small letters')
}

const LINES = Object.entries(SECURITY_HEADERS).map(
  ([name, value]) => [name, `${name}: ${value}\r\n`] as const,
)
const ALL_LINES = LINES.map(([, line]) => line).join('')

/** The names of headers that responses have had, as they stand in the program, and whether they are ours. */
const NAMES = new Map(LINES.map(([name]) => [name as string, true]))

/**
 * Has browsers come back over HTTPS only, for two years, and not to hosts that are not ours. Over plain HTTP they have to
 * ignore it (RFC 6797 §8.1).
 */
export function keepToHttps(request: FastifyRequest, reply: FastifyReply): void {
  if (request.protocol === 'https') reply.header('strict-transport-security', 'max-age=63072000')
}
