import type { FastifyReply, FastifyRequest } from 'fastify'
import { problem, Refusal, toRefusal } from '../errors.ts'
import type { EndedSession } from '../sessions/record.ts'
import type { SessionState, Sessions } from '../sessions/sessions.ts'
import type { ReadToken } from './bearer.ts'
import { isoTime } from './iso-time.ts'
import type { OneseatOptions, Refused } from './options.ts'
import { Principal } from './principal.ts'

/**
 * Finds who makes a request with this token. Throws a `Refusal` if there is no live session; a session that really existed is
 * told why it ended. The cookie is not cleared: by now the browser may have a newer one. If `isUse` is true, this counts as a use
 * of the session and moves its idle deadline.
 */
export async function authenticate(
  sessions: Sessions,
  token: string | null,
  { challenge = CHALLENGE, isUse = true } = {},
): Promise<Principal> {
  if (token === null) throw unauthenticated(challenge)
  let found = await sessions.find(token)
  if (isUse && found?.state === 'live' && sessions.isDue(found)) found = await sessions.extend(found)
  if (found?.state !== 'live') found = await stored(sessions, found)
  if (found === null) throw unauthenticated(challenge)
  if (found.state === 'ended') throw sessionEnded(found.ended, challenge)
  return new Principal(found)
}

/** Makes the hook that sets `request.principal`, and throws unless the request has a live session. */
export function requireSession(sessions: Sessions, readToken: ReadToken, challenge = CHALLENGE) {
  return async function requireSession(request: FastifyRequest): Promise<void> {
    request.principal = await authenticate(sessions, readToken(request), { challenge })
  }
}

/** The same for requests that a page makes without its user, such as an event stream: the idle deadline stays where it is. */
export function requireUnusedSession(sessions: Sessions, readToken: ReadToken, challenge = CHALLENGE) {
  return async function requireUnusedSession(request: FastifyRequest): Promise<void> {
    request.principal = await authenticate(sessions, readToken(request), { challenge, isUse: false })
  }
}

/** Stores that a session expired, before anybody is told so. Gives its state after that. */
export async function stored(
  sessions: Sessions,
  found: SessionState | null,
): Promise<SessionState | null> {
  return found?.state === 'ended' && !found.stored ? sessions.settle(found) : found
}

/** Makes the hook that throws unless the user has one of these roles. It runs after `requireSession`. */
export function requireRole(...roles: readonly string[]) {
  return async function requireRole({ principal }: FastifyRequest): Promise<void> {
    if (!roles.some((role) => principal.user.roles.includes(role))) throw new Refusal('forbidden')
  }
}

/** The request has no cookie, or one that we did not issue. */
export function unauthenticated(challenge = CHALLENGE): Refusal {
  return new Refusal('unauthenticated', { headers: { 'www-authenticate': challenge } })
}

/** Says why this session ended; for a replaced one also by which device and when. */
export function sessionEnded({ reason, replacedBy }: EndedSession, challenge = CHALLENGE): Refusal {
  const members =
    replacedBy === null
      ? {}
      : {
          replacedBy: { device: replacedBy.device, ip: replacedBy.ip, at: isoTime(replacedBy.at) },
          retry: false, // two programs that sign in again by themselves would sign each other out for ever
        }
  return new Refusal(reason, { members, headers: { 'www-authenticate': challenge } })
}

/**
 * Answers a request that a guard refuses. The hooks of the application run, its error handler does not. `onRefused` may send
 * another answer; if it sends nothing, this does. An error that is not a refusal is a bug, and is thrown again.
 */
export async function answerRefused(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  onRefused: OneseatOptions['onRefused'],
): Promise<FastifyReply> {
  const refusal = toRefusal(error)
  if (!(refusal instanceof Refusal)) throw error
  const { code, status, title, message: detail, members, headers } = refusal
  const { replacedBy } = members as Pick<Refused, 'replacedBy'>
  const told = { code, status, title, detail, ...(replacedBy === undefined ? {} : { replacedBy }) }
  if (onRefused !== undefined && (await isAnswered(reply, () => onRefused(request, reply, told))))
    return reply
  return reply
    .code(status)
    .headers({ 'cache-control': 'no-store', ...headers })
    .type('application/problem+json')
    .send(JSON.stringify(problem(refusal)))
}

/** Whether `answer` sends something. `reply.sent` is true only after the hooks of the application have run. */
async function isAnswered(reply: FastifyReply, answer: () => unknown): Promise<boolean> {
  const { send } = reply
  let isSending = false
  reply.send = (payload) => {
    isSending = true
    return send.call(reply, payload)
  }
  await answer()
  return isSending || reply.sent
}

/**
 * The `WWW-Authenticate` header that every 401 has to carry (RFC 9110 §11.6.1). It names the login path; null if this app has
 * none. Browsers show no dialogue for this scheme, and none is wanted.
 */
export function challengeFor(loginPath: string | null): string {
  return `Cookie realm="oneseat"${loginPath === null ? '' : `, form-action="${loginPath}"`}`
}

export const CHALLENGE = challengeFor('/login')
