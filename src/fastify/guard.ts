import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import type { EndedSession } from '../sessions/record.ts'
import type { SessionState, Sessions } from '../sessions/sessions.ts'
import { Principal } from './principal.ts'
import { isoTime } from './session-view.ts'

/** Where a request carries a token; null if it has none. */
export type ReadToken = (request: FastifyRequest) => string | null

/** What becomes of a request that is refused: it throws, or it answers. */
export type OnRefused = (request: FastifyRequest, reply: FastifyReply, refusal: Refusal) => unknown

/**
 * The hook that lets only a live session pass, and tells every other one that really existed why it ended. It never touches
 * the cookie: by now the browser may hold a newer one.
 */
export function requireSession(sessions: Sessions, readToken: ReadToken) {
  return async function requireSession(request: FastifyRequest): Promise<void> {
    const token = readToken(request)
    if (token === null) throw unauthenticated()
    let found = await sessions.find(token)
    if (found?.state === 'live' && sessions.isDue(found)) found = await sessions.extend(found)
    if (found?.state !== 'live') found = await stored(sessions, found)
    if (found === null) throw unauthenticated()
    if (found.state === 'ended') throw sessionEnded(found.ended)
    request.principal = new Principal(found)
  }
}

/** What was found, once it is stored: nobody is told that a session expired before the store has it. */
export async function stored(
  sessions: Sessions,
  found: SessionState | null,
): Promise<SessionState | null> {
  return found?.state === 'ended' && !found.stored ? sessions.settle(found) : found
}

/** The hook, after `requireSession`, that lets only users with one of these roles pass. */
export function requireRole(...roles: readonly string[]) {
  return async function requireRole({ principal }: FastifyRequest): Promise<void> {
    if (!roles.some((role) => principal.user.roles.includes(role))) throw new Refusal('forbidden')
  }
}

/** Not signed in, as far as anybody may know: no cookie, or one that proves nothing. */
export function unauthenticated(): Refusal {
  return new Refusal('unauthenticated', { headers: CHALLENGE })
}

/** Why this session ended; for a replaced one also by which device and when. */
export function sessionEnded({ reason, replacedBy }: EndedSession): Refusal {
  const members =
    replacedBy === null
      ? {}
      : { replacedBy: { device: replacedBy.device, ip: replacedBy.ip, at: isoTime(replacedBy.at) } }
  return new Refusal(reason, { members, headers: CHALLENGE })
}

/** A 401 names how to sign in (RFC 9110 §11.6.1); browsers have no dialogue for this scheme, which is as it should be. */
const CHALLENGE = { 'www-authenticate': 'Cookie realm="oneseat", form-action="/login"' }
