import { Problem } from '../../schemas/problem.ts'
import { Credentials, LoggedIn } from '../../schemas/session.ts'
import type { VerifyCredentials } from '../accounts/sign-in.ts'
import type { SessionCookie } from '../http/cookie.ts'
import { describeDevice } from '../http/device.ts'
import { bear } from '../http/session-plugin.ts'
import type { App } from '../http/types.ts'
import { viewSession, viewUser } from '../http/views.ts'
import type { Sessions } from '../sessions/sessions.ts'

type LoginOptions = { sessions: Sessions; verify: VerifyCredentials; cookie: SessionCookie }

/** The only way to get a session. */
export async function loginRoutes(app: App, { sessions, verify, cookie }: LoginOptions): Promise<void> {
  app.post(
    '/login',
    {
      schema: {
        operationId: 'login',
        summary: 'Sign in on this device; whoever had the seat is out.',
        body: Credentials,
        response: { 200: LoggedIn, 400: Problem, 401: Problem, 409: Problem, 503: Problem },
      },
    },
    async (request) => {
      const { body } = request
      const account = await verify(body)
      const claimed = await sessions.claim({
        userId: account.id,
        handle: account.handle,
        credentialEpoch: account.credentialEpoch,
        device: describeDevice(request, body.device),
        ip: request.ip,
        presented: cookie.read(request),
        replace: body.replace ?? null,
      })
      await bear(request, claimed, cookie)
      request.log.info(
        {
          event: 'login',
          userId: account.id,
          sessionId: claimed.session.id,
          epoch: claimed.session.epoch,
          ip: request.ip,
          replaced: claimed.replaced.map((session) => session.id),
        },
        'signed in',
      )
      return {
        user: viewUser(claimed.holder),
        session: viewSession(claimed.session, claimed.session.id),
        replaced: claimed.replaced.map((session) => viewSession(session, null)),
      }
    },
  )
}
