import type { FastifyReply, FastifyRequest } from 'fastify'
import { problem, Refusal, toRefusal } from '../errors.ts'
import type { EndedSession } from '../sessions/record.ts'
import type { SessionState, Sessions } from '../sessions/sessions.ts'
import type { ReadToken } from './bearer.ts'
import { isoTime } from './iso-time.ts'
import type { OneseatOptions, Refused } from './options.ts'
import { Principal } from './principal.ts'

/**
 * Who makes a request with this token. Throws a `Refusal` that tells every session that really existed why it ended. The
 * cookie is never touched: by now the browser may hold a newer one. Unless `isUse` is false, this is a use of the session, which
 * moves its idle deadline.
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

/** The hook that lets only a live session pass, and throws what refuses any other. */
export function requireSession(sessions: Sessions, readToken: ReadToken, challenge = CHALLENGE) {
  return async function requireSession(request: FastifyRequest): Promise<void> {
    request.principal = await authenticate(sessions, readToken(request), { challenge })
  }
}

/** The same for what a page does by itself, without its user: it is no use of the session, which still idles out. */
export function requireUnusedSession(sessions: Sessions, readToken: ReadToken, challenge = CHALLENGE) {
  return async function requireUnusedSession(request: FastifyRequest): Promise<void> {
    request.principal = await authenticate(sessions, readToken(request), { challenge, isUse: false })
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
export function unauthenticated(challenge = CHALLENGE): Refusal {
  return new Refusal('unauthenticated', { headers: { 'www-authenticate': challenge } })
}

/** Why this session ended; for a replaced one also by which device and when. */
export function sessionEnded({ reason, replacedBy }: EndedSession, challenge = CHALLENGE): Refusal {
  const members =
    replacedBy === null
      ? {}
      : {
          replacedBy: { device: replacedBy.device, ip: replacedBy.ip, at: isoTime(replacedBy.at) },
          retry: false, // two programs that sign in again by themselves would take the seat from each other for ever
        }
  return new Refusal(reason, { members, headers: { 'www-authenticate': challenge } })
}

/**
 * Answers a request that a guard refuses, past the error handler of the application but with its hooks. `onRefused` may answer
 * in another way; if it sends nothing, this does. What is no refusal is a bug, and is thrown.
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

/** Whether `answer` sends something. Until the hooks of the application have had it, `reply.sent` does not say so. */
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
 * A 401 names how to sign in (RFC 9110 §11.6.1), here where; null if nowhere of ours. Browsers have no dialogue for this scheme,
 * which is as it should be.
 */
export function challengeFor(loginPath: string | null): string {
  return `Cookie realm="oneseat"${loginPath === null ? '' : `, form-action="${loginPath}"`}`
}

export const CHALLENGE = challengeFor('/login')
