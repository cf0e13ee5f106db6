import { Credentials, LoggedIn } from '../../schemas/session.ts'
import { requireUsername } from '../accounts/username.ts'
import { Refusal } from '../errors.ts'
import { refuseBrowser } from '../fastify/bearer.ts'
import { describeDevice } from '../fastify/device.ts'
import { requireKeptCookie } from '../fastify/kept-cookie.ts'
import { requireClaimed } from '../fastify/require-claimed.ts'
import { endSessionOfOther } from '../fastify/session-of-other.ts'
import { issueCookie } from '../fastify/session-plugin.ts'
import { viewSession } from '../fastify/session-view.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { plainAddress } from '../sessions/address.ts'
import { deviceKey } from '../sessions/kick-war.ts'
import { siteOf } from '../throttle/network.ts'
import { noteOf } from '../timeline/note.ts'
import type { Parts } from './parts.ts'
import { viewSessionUser } from './views.ts'

/** Signs people in with their password. Only `POST /login` and `POST /sessions` make sessions. */
export async function loginRoutes(app: App, parts: Parts): Promise<void> {
  const { accounts, sessions, passwords, verify, throttle, cookie, device, audit } = parts
  const { readToken, publicUrl } = parts
  app.post(
    '/login',
    {
      onSend: device.send,
      schema: {
        operationId: 'login',
        summary: 'Sign in on this device; the device that was signed in before is signed out.',
        body: Credentials,
        response: {
          200: LoggedIn,
          ...refusals(
            'ambiguous_credentials',
            'invalid_credentials',
            'cross_site_cookie',
            'token_in_browser',
            'user_disabled',
            'session_limit_reached',
            'login_superseded',
            'too_many_attempts',
            'kick_war',
            'overloaded',
            'store_unavailable',
          ),
        },
      },
    },
    async function login(request) {
      const { body } = request
      const asToken = body.transport === 'token'
      if (asToken) refuseBrowser(request)
      else requireKeptCookie(request, publicUrl, cookie)
      const presented = readToken(request)
      if (asToken) device.present(request, body.deviceToken ?? null)
      const username = requireUsername(body.username)
      const known = await device.recognise(request, username, (name) => accounts.findByUsername(name))
      const client = { account: username, network: siteOf(request.ip), known: known !== null }
      passwords.requireRoom(client) // before the attempt is counted
      const attempt = { username, address: request.ip, device: known }
      const verdict = await throttle(attempt, () => verify(body, client))
      if (!verdict.verified) {
        if (verdict.userId !== null)
          audit.record(request, { type: 'login_failed', userId: verdict.userId })
        // There is no timeline to write to. The name is not logged, because people type their password into the wrong field.
        else request.log.info({ event: 'login_failed', ip: request.ip }, 'nobody has this name')
        throw new Refusal('invalid_credentials')
      }
      const { id: userId, handle, credentialNumber } = verdict.account
      const { id: deviceId, known: isKnown } = device.identify(request, verdict.account)
      const claimed = await sessions.claim({
        userId,
        handle,
        credentialNumber,
        device: describeDevice(request, body.device),
        deviceKey: deviceKey(deviceId, isKnown),
        ip: plainAddress(request.ip),
        presented,
        replace: body.replace ?? null,
        note: noteOf(request, { newDevice: !isKnown }),
      })
      const outcome = requireClaimed(claimed)
      if (!asToken) await issueCookie(request, outcome, cookie)
      const deviceToken = device.remember(request, verdict.account, outcome.session.epoch)
      await endSessionOfOther(sessions, request, {
        presented,
        token: outcome.token,
        note: noteOf(request),
      })
      return {
        user: viewSessionUser(outcome.user),
        session: viewSession(outcome.session, outcome.session.id),
        replaced: outcome.replaced.map((session) => viewSession(session, null)),
        ...(asToken ? { token: outcome.token, deviceToken } : {}),
      }
    },
  )
}
