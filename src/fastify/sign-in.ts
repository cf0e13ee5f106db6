import type { FastifyReply, FastifyRequest } from 'fastify'
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
    if (this.sent || this.raw.headersSent)
      throw new Error(
        'oneseat: reply.signIn has to come before the answer is sent, which has the cookie',
      )
    checkRoles(roles)
    checkData(data)
    const userId = checkUserId(id)
    cookie.requireTransport(request)
    requireKeptCookie(request, null, cookie)
    const presented = issued.get(request) ?? cookie.read(request)
    const login = {
      ...{ userId, roles, data, presented, replace: replace ?? null },
      device: describeDevice(request, deviceName(device)),
      ip: plainAddress(request.ip),
    }
    const outcome = requireClaimed(await sessions.claim(login).catch(rethrow))
    this.header('set-cookie', cookie.lineFor(request, outcome))
    issued.set(request, outcome.token)
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
    const token = issued.get(this.request) ?? cookie.read(this.request)
    const found = token === null ? null : await sessions.find(token).catch(rethrow)
    if (found?.state === 'live') await sessions.release(found.key, 'logged_out').catch(rethrow)
    issued.delete(this.request)
    cookie.clear(this.request, this)
    this.code(204)
  }
}

/**
 * The token that a request is about to be given. If the application signs it out again, or in as somebody else, that session has
 * to end: nobody would have its cookie.
 */
const issued = new WeakMap<FastifyRequest, string>()

/** Applications pass on what a body has, whatever that is: only a text is a name. */
function deviceName(given: unknown): string | undefined {
  return typeof given === 'string' ? given.slice(0, DEVICE_MAX).toWellFormed() : undefined
}

/** So that Fastify's own error handler, or the application's, has a status to answer with. */
function rethrow(error: unknown): never {
  throw toRefusal(error)
}

const DEVICE_MAX = 64
