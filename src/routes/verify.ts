import { type TString, Type } from '@sinclair/typebox'
import { Refusal } from '../errors.ts'
import { liveOf } from '../fastify/principal.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { SessionUser } from '../sessions/record.ts'

type VerifyOptions = {
  /** The name of a user; null if only the id is known. */
  nameOf: (user: SessionUser) => string | null
  /** What a role looks like. */
  Role: TString
}

/** Answers other backends and proxies: who is this, and may they? */
export async function verifyRoutes(app: App, { nameOf, Role }: VerifyOptions): Promise<void> {
  app.get(
    '/verify',
    {
      config: { asksForAnother: true },
      schema: {
        operationId: 'verify',
        summary:
          'Whether this session is live and its user has one of the roles; the answer is in the headers.',
        querystring: Type.Object(
          {
            role: Type.Optional(
              Type.Array(Role, { maxItems: 16, description: 'Any of these will do.' }),
            ),
          },
          { additionalProperties: false },
        ),
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
      const name = nameOf(user)
      return reply
        .code(204)
        .headers({
          'x-user-id': toHeader(user.id),
          ...(name === null ? {} : { 'x-user-name': toHeader(name) }),
          'x-user-roles': user.roles.map(toHeader).join(','),
          'x-session-id': session.id,
          'x-session-epoch': session.epoch,
        })
        .send(null)
    },
  )
}

/** Headers are ASCII: whatever is not, `%`, and the comma between roles are percent-encoded as in a URL. */
function toHeader(name: string): string {
  return name.toWellFormed().replace(/[^\x21-\x24\x26-\x2b\x2d-\x7e]/gu, encodeURIComponent)
}
