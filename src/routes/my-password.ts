import { Type } from '@sinclair/typebox'
import { Problem } from '../../schemas/problem.ts'
import { PasswordChange } from '../../schemas/session.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { checkNewPassword } from '../accounts/password-policy.ts'
import type { Passwords } from '../accounts/passwords.ts'
import type { VerifyCredentials } from '../accounts/sign-in.ts'
import { Refusal } from '../errors.ts'
import type { SessionCookie } from '../fastify/cookie.ts'
import { liveOf } from '../fastify/principal.ts'
import { issueCookie } from '../fastify/session-plugin.ts'
import type { App } from '../http/types.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { Audit } from '../timeline/audit.ts'
import { noteOf } from '../timeline/note.ts'
import { dataOf } from './views.ts'

type MyPasswordOptions = {
  accounts: Accounts
  sessions: Sessions
  passwords: Passwords
  verify: VerifyCredentials
  throttle: Throttle
  cookie: SessionCookie
  audit: Audit
}

/** Changes my password: every other session ends, this one goes on under a new secret. */
export async function myPasswordRoutes(app: App, options: MyPasswordOptions): Promise<void> {
  const { accounts, sessions, passwords, verify, throttle, cookie, audit } = options
  app.put(
    '/me/password',
    {
      schema: {
        operationId: 'changeMyPassword',
        summary: 'Change my password and sign all other devices out.',
        body: PasswordChange,
        response: {
          204: Type.Null({ description: 'Changed; the session has a new cookie.' }),
          400: Problem,
          401: Problem,
          422: Problem,
          429: Problem,
          503: Problem,
        },
      },
    },
    async (request, reply) => {
      const { user, key, session } = liveOf(request)
      const { currentPassword, newPassword } = request.body
      const { username } = dataOf(user)
      // Who is signed in is known: strangers who guess at this name are not to keep them from changing the password.
      const attempt = { username, address: request.ip, device: `session ${session.id}` }
      const verdict = await throttle(attempt, () => verify({ username, password: currentPassword }))
      if (!verdict.verified) {
        audit.record(request, { type: 'login_failed', userId: user.id, session })
        throw new Refusal('invalid_credentials')
      }
      await checkNewPassword(newPassword, username)
      const hash = await passwords.hash(newPassword)
      const change = accounts.setPassword(verdict.account, verdict.account.credentialNumber, hash)
      const { id: sessionId, device } = session
      const note = noteOf(request, { events: ['password_changed'], sessionId, device })
      const renewed = await sessions.renew(
        key,
        async (raise) => {
          const changed = await change(raise)
          if (changed === null) throw new Refusal('invalid_credentials') // another request changed it meanwhile
          return changed
        },
        note,
      )
      if (renewed !== null) await issueCookie(request, renewed, cookie)
      return reply.code(204).send(null)
    },
  )
}
