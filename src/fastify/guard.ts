import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { isoTime } from '../routes/views.ts'
import type { EndedSession } from '../sessions/record.ts'
import type { Found, Live, Sessions } from '../sessions/sessions.ts'
import type { TokenProof } from '../sessions/token.ts'
import type { SessionCookie } from './cookie.ts'

/**
 * The hook that lets only a live session pass, and tells every other one that really existed why it ended. It never
 * touches the cookie: by now the browser may hold a newer one.
 */
export function requireSession(sessions: Sessions, cookie: SessionCookie) {
  return async function guard(request: FastifyRequest): Promise<void> {
    const proof = cookie.read(request)
    if (proof === null) throw unauthenticated()
    let found = await sessions.find(proof)
    if (found?.state === 'live' && sessions.isDue(found)) found = await sessions.extend(found)
    if (found?.state !== 'live') found = await onRecord(sessions, proof, found)
    if (found === null) throw unauthenticated()
    if (found.state === 'ended') throw sessionEnded(found.ended)
    request.principal = found
  }
}

/** What was found, once it is on record: nobody is told that a session ran out before the store has it. */
export async function onRecord(
  sessions: Sessions,
  proof: TokenProof,
  found: Found | null,
): Promise<Found | null> {
  return found?.state === 'ended' && !found.noticed ? sessions.notice(proof) : found
}

/** The hook, after `requireSession`, that lets only users with the role pass. */
export function requireRole(role: string) {
  return async function guard(request: FastifyRequest): Promise<void> {
    if (!principalOf(request).holder.roles.includes(role)) throw new Refusal('forbidden')
  }
}

/** Who asks. Only for routes below the guard; anywhere else it is a bug. */
export function principalOf(request: FastifyRequest): Live {
  if (request.principal === null)
    throw new Error(`${request.routeOptions.url} asks for a principal but is not guarded`)
  return request.principal
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
