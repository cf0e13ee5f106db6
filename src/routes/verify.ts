import { Type } from '@sinclair/typebox'
import { Role } from '../../schemas/user.ts'
import { Refusal } from '../errors.ts'
import { liveOf } from '../fastify/principal.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { dataOf } from './views.ts'

/** Answers other backends and proxies: who is this, and may they? */
export async function verifyRoutes(app: App): Promise<void> {
  app.get(
    '/verify',
    {
      config: { asksForAnother: true },
      schema: {
        operationId: 'verify',
        summary:
          'Whether this session is live and its user has one of the roles; the answer is in the headers.',
        querystring: VerifyQuery,
        response: {
          204: Type.Null({
            description: 'Yes; see X-User-Id, X-User-Name, X-User-Roles, X-Session-Id, X-Session-Epoch.',
          }),
          ...refusals('forbidden'),
        },
      },
    },
    async (request, reply) => {
      const { user, session } = liveOf(request)
      const { role } = request.query
      if (role !== undefined && !role.some((each) => user.roles.includes(each)))
        throw new Refusal('forbidden')
      return reply
        .code(204)
        .headers({
          'x-user-id': user.id,
          'x-user-name': toHeader(dataOf(user).username),
          'x-user-roles': user.roles.join(','),
          'x-session-id': session.id,
          'x-session-epoch': session.epoch,
        })
        .send(null)
    },
  )
}

const VerifyQuery = Type.Object(
  { role: Type.Optional(Type.Array(Role, { maxItems: 16, description: 'Any of these will do.' })) },
  { additionalProperties: false },
)

/** Headers are ASCII: whatever is not, and `%`, is percent-encoded as in a URL. */
function toHeader(name: string): string {
  return name.replace(/[^\x21-\x24\x26-\x7e]/gu, encodeURIComponent)
}
