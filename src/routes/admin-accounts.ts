import { Type } from '@sinclair/typebox'
import { Issued } from '../../schemas/account.ts'
import { UserParams } from '../../schemas/admin.ts'
import { Refusal } from '../errors.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { noteOf } from '../timeline/note.ts'
import { actor } from './actor.ts'
import { existing } from './existing.ts'
import type { Parts } from './parts.ts'
import { viewIssued } from './views.ts'

/** Administrators make a link to set another password, or delete an account. */
export async function adminAccountsRoutes(app: App, { accounts, resets, remove }: Parts): Promise<void> {
  const accountOf = existing((id) => accounts.findById(id))

  app.post(
    '/admin/users/:id/reset',
    {
      schema: {
        operationId: 'issueReset',
        summary:
          'Sign a user out everywhere and make a link to set another password; the old one can then only be used to change it.',
        params: UserParams,
        response: {
          201: Issued,
          ...refusals('not_found'),
        },
      },
    },
    async function issueReset(request, reply) {
      const account = await accountOf(request.params.id)
      const note = noteOf(request, { by: actor(request), events: ['reset_requested'] })
      return reply.code(201).send(viewIssued(await resets.issue(account, note)))
    },
  )

  app.delete(
    '/admin/users/:id',
    {
      schema: {
        operationId: 'deleteUser',
        summary: 'Delete an account and all data about its user.',
        params: UserParams,
        response: {
          204: Type.Null({ description: 'Deleted. The name is free after 30 days.' }),
          ...refusals('not_found', 'last_admin'),
        },
      },
    },
    async function deleteUser(request, reply) {
      const by = { reqId: request.id, by: actor(request) }
      if (!(await remove(await accountOf(request.params.id), by))) throw new Refusal('not_found')
      return reply.code(204).send(null)
    },
  )
}
