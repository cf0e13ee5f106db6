import { Type } from '@sinclair/typebox'
import { Confirmation } from '../../schemas/account.ts'
import type { Addresses } from '../accounts/addresses.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { TokenLimit } from '../throttle/token-limit.ts'
import { noteOf } from '../timeline/note.ts'

type EmailConfirmOptions = { addresses: Addresses; tokenLimit: TokenLimit }

/** Whoever got the mail confirms that the address is theirs, on whatever device. */
export async function emailConfirmRoutes(
  app: App,
  { addresses, tokenLimit }: EmailConfirmOptions,
): Promise<void> {
  app.post(
    '/email/confirm',
    {
      schema: {
        operationId: 'confirmEmail',
        summary: 'Confirm a mail address with the token of a link; from now on it is used.',
        body: Confirmation,
        response: {
          204: Type.Null({ description: 'Confirmed.' }),
          ...refusals('token_used', 'too_many_attempts', 'store_unavailable'),
        },
      },
    },
    async function confirmEmail(request, reply) {
      const note = noteOf(request, { events: ['email_changed'] })
      await tokenLimit(request.ip, () => addresses.confirm(request.body.token, note))
      return reply.code(204).send(null)
    },
  )
}
