import { Issued, NewInvitation } from '../../schemas/account.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { actor } from './actor.ts'
import type { Parts } from './parts.ts'
import { viewIssued } from './views.ts'

/** Administrators invite somebody to make an account. */
export async function adminInvitationsRoutes(app: App, { invitations }: Parts): Promise<void> {
  app.post(
    '/admin/invitations',
    {
      schema: {
        operationId: 'invite',
        summary: 'Invite somebody to make an account, also when sign-up is closed.',
        body: NewInvitation,
        response: {
          201: Issued,
          ...refusals('username_taken'),
        },
      },
    },
    async function invite(request, reply) {
      const issued = await invitations.issue(request.body, actor(request)?.userId ?? null)
      return reply.code(201).send(viewIssued(issued))
    },
  )
}
