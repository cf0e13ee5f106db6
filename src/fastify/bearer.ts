import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import type { SessionCookie } from './cookie.ts'

/** Where a request carries a token; null if it has none. */
export type ReadToken = (request: FastifyRequest) => string | null

/**
 * Reads the token of a session from the cookie of a browser, or from `Authorization: Bearer` of a native app: it is the same
 * secret. Throws `ambiguous_credentials` for both, and `token_in_browser` where a page has a token, which its scripts can read.
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
 * What follows `Bearer` in `Authorization` (RFC 6750 §2.1), also if it has not the form of a token; null without it. Other schemes
 * are for other programs.
 */
export function readBearer({ headers }: FastifyRequest): string | null {
  const { authorization } = headers
  if (authorization === undefined) return null
  return /^bearer\s+(\S.*?)\s*$/i.exec(authorization.slice(0, LONGEST))?.[1] ?? null
}

/** Whether this is meant as a service key: then it is no token of a session. */
export function isKey(bearer: string): boolean {
  return bearer.startsWith(KEY_PREFIX)
}

/**
 * Throws `token_in_browser` for the request of a page. `Sec-Fetch-Mode` alone says nothing: `fetch` of Node.js sends it too.
 */
export function refuseBrowser({ headers }: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-dest': dest } = headers
  if (origin !== undefined || site !== undefined || dest !== undefined)
    throw new Refusal('token_in_browser')
}

/** What every service key begins with. */
export const KEY_PREFIX = 'osk_'

/** Of a header that is longer nothing is ours. */
const LONGEST = 256
