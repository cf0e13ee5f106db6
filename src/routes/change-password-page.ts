import { Type } from '@sinclair/typebox'
import { Refusal } from '../errors.ts'
import { NO_BODY } from '../http/no-body.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { Parts } from './parts.ts'

/** Redirects password managers to the page for changing a password (W3C, "A Well-Known URL for Changing Passwords"). */
export async function changePasswordPageRoutes(app: App, { changePasswordUrl }: Parts): Promise<void> {
  app.get(
    '/.well-known/change-password',
    {
      schema: {
        operationId: 'changePasswordPage',
        summary: 'Redirects to the page for changing a password, if there is one.',
        response: {
          302: Type.Null({ description: 'The page is there.' }),
          ...refusals('not_found'),
        },
      },
    },
    async function changePasswordPage(_request, reply) {
      if (changePasswordUrl === '') throw new Refusal('not_found')
      const { href } = new URL(changePasswordUrl) // `href` is ASCII, which a header needs
      return reply.code(302).header('location', href).send(NO_BODY)
    },
  )
}
