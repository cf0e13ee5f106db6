import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import type { SessionCookie } from './cookie.ts'

/** Reads the token that a request carries; null if it has none. */
export type ReadToken = (request: FastifyRequest) => string | null

/**
 * Reads the token of a session from the cookie of a browser, or from `Authorization: Bearer` of a native app: it is the same
 * secret. Throws `ambiguous_credentials` if a request has both, and `token_in_browser` if a page sends a token, because its
 * scripts can read it.
 */
export function tokenReader(cookie: SessionCookie): ReadToken {
  return (request) => {
    const token = cookie.read(request)
    const bearer = readBearer(request)
    if (bearer === null) return token
    if (token !== null) throw new Refusal('ambiguous_credentials')
    refuseBrowser(request)
    return isKey(bearer) ? null : bearer
  }
}

/**
 * What follows `Bearer` in `Authorization` (RFC 6750 §2.1), whether it has the form of a token or not; null for other schemes.
 */
export function readBearer({ headers }: FastifyRequest): string | null {
  const { authorization } = headers
  if (authorization === undefined) return null
  return /^bearer\s+(\S.*?)\s*$/i.exec(authorization.slice(0, LONGEST))?.[1] ?? null
}

/** Whether this is a service key and not the token of a session. */
export function isKey(bearer: string): boolean {
  return bearer.startsWith(KEY_PREFIX)
}

/**
 * Throws `token_in_browser` if a page sent the request. `Sec-Fetch-Mode` does not show that: `fetch` of Node.js sends it too.
 */
export function refuseBrowser({ headers }: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-dest': dest } = headers
  if (origin !== undefined || site !== undefined || dest !== undefined)
    throw new Refusal('token_in_browser')
}

/** What every service key begins with. */
export const KEY_PREFIX = 'osk_'

/** No token or key of ours needs a longer header. */
const LONGEST = 256
