import { hash, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { Type } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { MadeSession, NewSession } from '../../schemas/session.ts'
import { invalidRequest, Refusal } from '../errors.ts'
import { readBearer } from '../fastify/bearer.ts'
import { describeDevice } from '../fastify/device.ts'
import { requireClaimed } from '../fastify/require-claimed.ts'
import { endSessionOfOther } from '../fastify/session-of-other.ts'
import { viewSession } from '../fastify/session-view.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { type KeptAnswer, requestId } from '../keys/answers.ts'
import { identityFrom } from '../keys/identity.ts'
import { plainAddress } from '../sessions/address.ts'
import type { Claimed } from '../sessions/sessions.ts'
import { formatToken, handleIn } from '../sessions/token.ts'
import { noteOf } from '../timeline/note.ts'
import { actor } from './actor.ts'
import type { Parts } from './parts.ts'
import { checkSignInUser, dataToKeep } from './sign-in-user.ts'
import { viewSessionUser } from './views.ts'

/** The answer without the secret. This is all that is stored for a request that may be sent again. */
type Made = { handle: string; reply: Pick<MadeSession, 'user' | 'session' | 'replaced'> }

/** A backend of the operator signs in a user whom it has verified, and passes the cookie or token on. */
export async function sessionsRoutes(app: App, parts: Parts): Promise<void> {
  const { isExternal, sessions, cookie, answers, publicUrl } = parts
  const accounts = isExternal ? null : parts.accounts

  app.post(
    '/sessions',
    {
      bodyLimit: BODY_LIMIT,
      schema: {
        operationId: 'createSession',
        summary: 'Sign somebody in whom your own backend has verified.',
        headers: IdempotencyKey,
        body: NewSession,
        response: {
          201: MadeSession,
          ...refusals(
            'not_found',
            'user_disabled',
            'last_admin',
            'session_limit_reached',
            'login_superseded',
            'idempotency_key_reused',
            'kick_war',
            'store_unavailable',
          ),
        },
      },
    },
    async function createSession(request, reply) {
      const { body } = request
      checkSignInUser(body.user)
      if (body.ip !== undefined && isIP(body.ip) === 0)
        throw invalidRequest([{ path: '/ip', message: 'must be an IPv4 or IPv6 address' }])
      const key = readBearer(request) ?? '' // the guard has checked it
      const again = request.headers['idempotency-key']
      if (again === undefined) {
        const claimed = await signIn(request, body, undefined)
        return reply.code(201).send(withSecret(request, body, claimed.token, viewMade(claimed)))
      }
      const id = requestId(key, again)
      const bodyHash = hash('sha256', JSON.stringify(body), 'base64url')
      const salt = randomBytes(32).toString('base64url')
      const first = await answers.begin(id, body.user.id, { bodyHash, salt })
      if (first.bodyHash !== bodyHash) throw new Refusal('idempotency_key_reused')
      const identity = identityFrom(key, first.salt)
      const made = await makeOnce(request, body, id, first, identity)
      const token = formatToken(made.handle, identity.secret)
      return reply.code(201).send(withSecret(request, body, token, made.reply))
    },
  )

  /** Answers a request that may have been sent before: with the same answer and the same session. */
  async function makeOnce(
    request: FastifyRequest,
    body: NewSession,
    id: string,
    { answer }: KeptAnswer,
    identity: { id: string; secret: string },
  ): Promise<Made> {
    if (answer !== null) return JSON.parse(answer) as Made
    const claimed = await signIn(request, body, identity)
    const made: Made = { handle: handleIn(claimed.token), reply: viewMade(claimed) }
    return JSON.parse(await answers.finish(id, JSON.stringify(made))) as Made
  }

  async function signIn(
    request: FastifyRequest,
    body: NewSession,
    identity: { id: string; secret: string } | undefined,
  ): Promise<Claimed> {
    const { user, device, userAgent, ip, presented = null, replace = null } = body
    const note = noteOf(request, { by: actor(request) })
    const before = tokenIn(presented) // throws for two session cookies, before anything is done
    const account = accounts === null ? null : await accounts.findById(user.id)
    if (accounts !== null && account === null) throw new Refusal('not_found')
    if (account !== null && user.roles !== undefined && user.roles.join() !== account.roles.join()) {
      // `change` also refuses to demote the last administrator.
      const change = accounts?.change(account, { roles: user.roles })
      if (change !== undefined) await sessions.update(account.handle, change, note)
    }
    const claimed = await sessions.claim({
      userId: user.id,
      handle: account?.handle,
      roles: account === null ? user.roles : undefined,
      dataParts: dataToKeep(user, accounts === null),
      identity,
      device: describeDevice({ headers: { 'user-agent': userAgent } }, device),
      ip: ip === undefined ? 'unknown' : plainAddress(ip),
      presented: before,
      replace,
      note,
    })
    const outcome = requireClaimed(claimed)
    await endSessionOfOther(sessions, request, { presented: before, token: outcome.token, note })
    return outcome
  }

  function tokenIn(presented: string | null): string | null {
    if (presented === null) return null
    return presented.includes('=') ? cookie.read({ headers: { cookie: presented } }) : presented
  }

  function withSecret(
    request: FastifyRequest,
    { transport }: NewSession,
    token: string,
    reply: Made['reply'],
  ): MadeSession {
    if (transport === 'token') return { ...reply, token }
    const { expiresAt, lastSeenAt } = reply.session
    const times = { expiresAt: Date.parse(expiresAt), lastSeenAt: Date.parse(lastSeenAt) }
    // The backend may call over an internal network. What counts is how browsers reach the API.
    const protocol = publicUrl?.startsWith('https:') ? 'https' : request.protocol
    return { ...reply, setCookie: [cookie.lineFor({ protocol }, { token, session: times })] }
  }
}

function viewMade({ user, session, replaced }: Claimed): Made['reply'] {
  return {
    user: viewSessionUser(user),
    session: viewSession(session, session.id),
    replaced: replaced.map((each) => viewSession(each, null)),
  }
}

/** Bytes. More than usual, because `presented` contains all cookies of the browser, also those of other programs. */
const BODY_LIMIT = 20 * 1024

const IdempotencyKey = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description:
        'Random, and the same if the request is sent again: then it is one login, and one answer.',
    }),
  ),
})
