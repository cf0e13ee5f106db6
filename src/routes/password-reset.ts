import { Type } from '@sinclair/typebox'
import { ForgottenPassword, PasswordReset } from '../../schemas/account.ts'
import { requireUsername } from '../accounts/username.ts'
import { NO_BODY } from '../http/no-body.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { maskAddress, plainAddress } from '../sessions/address.ts'
import { siteOf } from '../throttle/network.ts'
import { noteOf } from '../timeline/note.ts'
import type { Parts } from './parts.ts'

/**
 * For somebody who has forgotten their password: one call asks for a link, the other sets a new password with it. Neither signs
 * in.
 */
export async function passwordResetRoutes(
  app: App,
  { resets, mailLimits, tokenLimit }: Parts,
): Promise<void> {
  app.post(
    '/password/forgot',
    {
      schema: {
        operationId: 'forgotPassword',
        summary: 'Have a link sent to set another password.',
        body: ForgottenPassword,
        response: {
          202: Type.Null({
            description:
              'The same for every name: if somebody has it and a confirmed address, a mail is sent.',
          }),
          ...refusals('too_many_attempts', 'store_unavailable'),
        },
      },
    },
    async function forgotPassword(request, reply) {
      const username = requireUsername(request.body.username)
      await mailLimits.admit(request.ip)
      if (await mailLimits.mayMail(username))
        await resets.request(username, maskAddress(plainAddress(request.ip)))
      return reply.code(202).send(NO_BODY)
    },
  )

  app.post(
    '/password/reset',
    {
      schema: {
        operationId: 'resetPassword',
        summary: 'Set another password with the token of a link; every session ends.',
        body: PasswordReset,
        response: {
          204: Type.Null({ description: 'Set. Sign in with it.' }),
          ...refusals(
            'token_used',
            'password_too_short',
            'password_too_common',
            'too_many_attempts',
            'overloaded',
            'store_unavailable',
          ),
        },
      },
    },
    async function resetPassword(request, reply) {
      const note = noteOf(request, { events: ['password_reset'] })
      const network = siteOf(request.ip)
      await tokenLimit(request.ip, () =>
        resets.reset(request.body, note, ({ username }) => ({
          account: username,
          network,
          known: false,
        })),
      )
      return reply.code(204).send(null)
    },
  )
}
