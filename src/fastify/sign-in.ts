import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal, toRefusal } from '../errors.ts'
import { plainAddress } from '../sessions/address.ts'
import type { UserData } from '../sessions/record.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { checkData, checkRoles, checkUserId } from './app-sessions.ts'
import type { SessionCookie } from './cookie.ts'
import { describeDevice } from './device.ts'
import { requireKeptCookie } from './kept-cookie.ts'
import { type SessionView, viewSession } from './session-view.ts'

/** Who signs in. Absent roles and data stay as they were. */
export type SignInUser = { id: string; roles?: readonly string[]; data?: UserData | null }

/** `device` is a display name; `replace` the id of the session to end, where the policy is `ask`. */
export type SignInOptions = { device?: string; replace?: string }

export type SignedIn = { session: SessionView; replaced: SessionView[] }

export type SignIn = (user: SignInUser, options?: SignInOptions) => Promise<SignedIn>

/** `reply.signIn`. */
export function signInWith(sessions: Sessions, cookie: SessionCookie) {
  return async function signIn(
    this: FastifyReply,
    { id, roles, data }: SignInUser,
    { device, replace }: SignInOptions = {},
  ): Promise<SignedIn> {
    const { request } = this
    checkRoles(roles)
    checkData(data)
    const userId = checkUserId(id)
    cookie.requireTransport(request)
    requireKeptCookie(request, null)
    const presented = cookie.read(request)
    const login = {
      ...{ userId, roles, data, presented, replace: replace ?? null },
      device: describeDevice(request, device?.slice(0, DEVICE_MAX)),
      ip: plainAddress(request.ip),
    }
    const outcome = await sessions.claim(login).catch(rethrow)
    if (outcome.kind === 'full') {
      const taken = outcome.sessions.map((session) => viewSession(session, null))
      throw new Refusal('session_limit_reached', { members: { sessions: taken } })
    }
    cookie.issue(request, this, outcome)
    await endSessionOfOther(sessions, request, presented, outcome.token)
    const { session, replaced } = outcome
    return {
      session: viewSession(session, session.id),
      replaced: replaced.map((each) => viewSession(each, null)),
    }
  }
}

/**
 * On a shared browser, ends the session of whoever was signed in before, because the browser is about to lose its cookie. If
 * that cannot be done, it does not concern the login, which has succeeded.
 */
async function endSessionOfOther(
  sessions: Sessions,
  request: FastifyRequest,
  presented: string | null,
  token: string,
): Promise<void> {
  if (presented === null || presented.slice(0, HANDLE_LENGTH) === token.slice(0, HANDLE_LENGTH)) return
  try {
    const other = await sessions.find(presented)
    if (other?.state === 'live') await sessions.release(other.key, 'logged_out')
  } catch (error) {
    request.log.warn({ err: error }, 'the session of another user in this browser was not ended')
  }
}

/** `reply.signOut`. */
export function signOutWith(sessions: Sessions, cookie: SessionCookie) {
  return async function signOut(this: FastifyReply): Promise<void> {
    const token = cookie.read(this.request)
    const found = token === null ? null : await sessions.find(token).catch(rethrow)
    if (found?.state === 'live') await sessions.release(found.key, 'logged_out').catch(rethrow)
    cookie.clear(this.request, this)
    this.code(204)
  }
}

/** So that Fastify's own error handler, or the application's, has a status to answer with. */
function rethrow(error: unknown): never {
  throw toRefusal(error)
}

const HANDLE_LENGTH = 16
const DEVICE_MAX = 64
