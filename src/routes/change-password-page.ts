import { Type } from '@sinclair/typebox'
import { Refusal } from '../errors.ts'
import { NO_BODY } from '../http/no-body.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { Parts } from './parts.ts'

/** Leads password managers to the page where a password is changed (W3C, "A Well-Known URL for Changing Passwords"). */
export async function changePasswordPageRoutes(app: App, { changePasswordUrl }: Parts): Promise<void> {
  app.get(
    '/.well-known/change-password',
    {
      schema: {
        operationId: 'changePasswordPage',
        summary: 'The page where a password is changed, if there is one.',
        response: {
          302: Type.Null({ description: 'It is there.' }),
          ...refusals('not_found'),
        },
      },
    },
    async function changePasswordPage(_request, reply) {
      if (changePasswordUrl === '') throw new Refusal('not_found')
      const { href } = new URL(changePasswordUrl) // in ASCII: a header takes no other letters
      return reply.code(302).header('location', href).send(NO_BODY)
    },
  )
}
