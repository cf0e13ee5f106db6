import { type Static, Type } from '@sinclair/typebox'
import {
  ExternalUserChange,
  ExternalUserPage,
  ExternalUserReply,
  UserParams,
  UserQuery,
} from '../../schemas/admin.ts'
import { PAGE } from '../../schemas/page.ts'
import type { ExternalUser } from '../accounts/external-users.ts'
import { Refusal } from '../errors.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { noteOf } from '../timeline/note.ts'
import { actor } from './actor.ts'
import { existing } from './existing.ts'
import { pageOf } from './pages.ts'
import type { Parts } from './parts.ts'

/** With `ACCOUNTS=external`: administrators see and change the users of the operator's own system. */
export async function adminExternalUsersRoutes(app: App, parts: Parts): Promise<void> {
  const { externalUsers, sessions, removeExternal } = parts
  const userOf = existing((id) => externalUsers.find(id))

  app.get(
    '/admin/users',
    {
      schema: {
        operationId: 'listUsers',
        summary: 'Users who have signed in, by id, page by page.',
        querystring: UserQuery,
        response: { 200: ExternalUserPage, ...REFUSALS },
      },
    },
    async function listUsers(request) {
      const { limit = PAGE, after = '', search } = request.query
      const fetched = await externalUsers.list({ after, limit: limit + 1, search })
      const { items, next } = pageOf(fetched, limit, (user) => user.id)
      return { users: items.map(view), next }
    },
  )

  app.patch(
    '/admin/users/:id',
    {
      schema: {
        operationId: 'changeUser',
        summary: 'Change roles or disable; running sessions have it on their next request.',
        params: UserParams,
        body: ExternalUserChange,
        response: { 200: ExternalUserReply, ...REFUSALS },
      },
    },
    async function changeUser(request) {
      const before = await userOf(request.params.id)
      const note = noteOf(request, { by: actor(request) })
      const change = externalUsers.change(before, request.body)
      const user = await sessions.update(before.handle, change, note)
      if (user === null) throw new Refusal('not_found')
      return { user: view({ ...before, roles: user.roles, disabled: user.disabled }) }
    },
  )

  app.delete(
    '/admin/users/:id',
    {
      schema: {
        operationId: 'deleteUser',
        summary: 'Sign a user out on every device for good, and delete all data about them.',
        params: UserParams,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...REFUSALS },
      },
    },
    async function deleteUser(request, reply) {
      const user = await userOf(request.params.id)
      const by = { reqId: request.id, by: actor(request) }
      if (!(await removeExternal(user, by))) throw new Refusal('not_found')
      return reply.code(204).send(null)
    },
  )
}

function view({
  id,
  name,
  roles,
  disabled,
  data,
}: ExternalUser): Static<typeof ExternalUserReply>['user'] {
  return { id, name, roles: [...roles], disabled, data }
}

const REFUSALS = refusals('not_found')
