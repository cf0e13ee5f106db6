import { Type } from '@sinclair/typebox'
import { Confirmation } from '../../schemas/account.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { noteOf } from '../timeline/note.ts'
import type { Parts } from './parts.ts'

/** The receiver of the mail confirms the address, on any device. */
export async function emailConfirmRoutes(app: App, { addresses, tokenLimit }: Parts): Promise<void> {
  app.post(
    '/email/confirm',
    {
      schema: {
        operationId: 'confirmEmail',
        summary: 'Confirm a mail address with the token of a link; it is used from then on.',
        body: Confirmation,
        response: {
          204: Type.Null({ description: 'Confirmed.' }),
          ...refusals('token_used', 'too_many_attempts', 'store_unavailable'),
        },
      },
    },
    async function confirmEmail(request, reply) {
      const note = noteOf(request)
      await tokenLimit(request.ip, () => addresses.confirm(request.body.token, note))
      return reply.code(204).send(null)
    },
  )
}
