import {
  AdminUserPage,
  AdminUserReply,
  NewUser,
  UserChange,
  UserParams,
  UserQuery,
} from '../../schemas/admin.ts'
import { PAGE } from '../../schemas/page.ts'
import { requireNewUsername } from '../accounts/name-profile.ts'
import { Refusal } from '../errors.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { noteOf } from '../timeline/note.ts'
import { actor } from './actor.ts'
import { existing } from './existing.ts'
import { pageOf } from './pages.ts'
import type { Parts } from './parts.ts'
import { viewAdminUser } from './views.ts'

/** Administrators list, make and change accounts. No reply contains a password or a hash. */
export async function adminUsersRoutes(app: App, parts: Parts): Promise<void> {
  const { accounts, sessions, signUp, audit } = parts
  const accountOf = existing((id) => accounts.findById(id))

  app.get(
    '/admin/users',
    {
      schema: {
        operationId: 'listUsers',
        summary: 'Users by name, page by page.',
        querystring: UserQuery,
        response: { 200: AdminUserPage },
      },
    },
    async function listUsers(request) {
      const { limit = PAGE, after = '', search } = request.query
      const fetched = await accounts.list({
        after,
        limit: limit + 1,
        search: search?.normalize('NFKC').toLowerCase(),
      })
      const { items, next } = pageOf(fetched, limit, (user) => user.username)
      return { users: items.map(viewAdminUser), next }
    },
  )

  app.post(
    '/admin/users',
    {
      schema: {
        operationId: 'createUser',
        summary: 'Make an account, also when sign-up is closed.',
        body: NewUser,
        response: {
          201: AdminUserReply,
          ...refusals('username_taken', 'password_too_short', 'password_too_common', 'overloaded'),
        },
      },
    },
    async function createUser(request, reply) {
      const { username, password, roles = [] } = request.body
      const registered = { type: 'registered', by: actor(request) } as const
      const account = await signUp({ username, password, roles }, audit.toKeep(request, registered))
      audit.log(request, { ...registered, userId: account.id })
      return reply.code(201).send({ user: viewAdminUser(account) })
    },
  )

  app.patch(
    '/admin/users/:id',
    {
      schema: {
        operationId: 'changeUser',
        summary: 'Change name or roles, or disable; running sessions have it on their next request.',
        params: UserParams,
        body: UserChange,
        response: {
          200: AdminUserReply,
          ...refusals('not_found', 'last_admin'),
        },
      },
    },
    async function changeUser(request) {
      const before = await accountOf(request.params.id)
      const { body } = request
      const username = body.username === undefined ? before.username : requireNewUsername(body.username)
      const note = noteOf(request, { by: actor(request) })
      // This runs even if nothing changes: an earlier change may not have reached the sessions. It sets only the named fields:
      // somebody else may have changed others since they were read.
      const change = accounts.change(before, {
        ...body,
        ...(body.username === undefined ? {} : { username }),
      })
      const user = await sessions.update(before.handle, change, note)
      if (user === null) throw new Refusal('not_found')
      const account = { ...before, username, roles: user.roles, disabled: user.disabled }
      return { user: viewAdminUser(account) }
    },
  )
}
