import type { FastifyReply } from 'fastify'
import { toRefusal } from '../errors.ts'
import { plainAddress } from '../sessions/address.ts'
import type { UserData } from '../sessions/record.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { checkData, checkRoles, checkUserId } from './app-sessions.ts'
import type { SessionCookie } from './cookie.ts'
import { describeDevice } from './device.ts'
import { requireKeptCookie } from './kept-cookie.ts'
import { requireClaimed } from './require-claimed.ts'
import { endSessionOfOther } from './session-of-other.ts'
import { type SessionView, viewSession } from './session-view.ts'

/** The user who signs in. Roles and data that are absent stay as they were. */
export type SignInUser = { id: string; roles?: readonly string[]; data?: UserData | null }

/** `device` is a display name; `replace` is the id of the session to end, for the policy `ask`. */
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
    requireKeptCookie(request, null, cookie)
    const presented = cookie.read(request)
    const login = {
      ...{ userId, roles, data, presented, replace: replace ?? null },
      device: describeDevice(request, device?.slice(0, DEVICE_MAX)),
      ip: plainAddress(request.ip),
    }
    const outcome = requireClaimed(await sessions.claim(login).catch(rethrow))
    this.header('set-cookie', cookie.lineFor(request, outcome))
    await endSessionOfOther(sessions, request, { presented, token: outcome.token })
    const { session, replaced } = outcome
    return {
      session: viewSession(session, session.id),
      replaced: replaced.map((each) => viewSession(each, null)),
    }
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

const DEVICE_MAX = 64
