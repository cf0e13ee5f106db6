import { type Static, Type } from '@sinclair/typebox'
import {
  ExternalUserChange,
  ExternalUserPage,
  ExternalUserReply,
  UserParams,
  UserQuery,
} from '../../schemas/admin.ts'
import { PAGE, PageQuery } from '../../schemas/page.ts'
import { TimelinePage } from '../../schemas/timeline.ts'
import type { ExternalUser, ExternalUsers } from '../accounts/external-users.ts'
import { Refusal } from '../errors.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { noteOf } from '../timeline/note.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { actor } from './actor.ts'
import { changesBetween } from './admin-users.ts'
import { pageOf, pageOfEvents } from './pages.ts'

type Options = { externalUsers: ExternalUsers; sessions: Sessions; timeline: Timeline }

/** Users of the operator's own system, as administrators see and change them: with `ACCOUNTS=external`. */
export async function adminExternalUsersRoutes(app: App, options: Options): Promise<void> {
  const { externalUsers, sessions, timeline } = options

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
    async (request) => {
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
        summary: 'Change roles or disable; it bites on the next request of a running session.',
        params: UserParams,
        body: ExternalUserChange,
        response: { 200: ExternalUserReply, ...REFUSALS },
      },
    },
    async (request) => {
      const before = await existing(request.params.id)
      const { roles = before.roles, disabled = before.disabled } = request.body
      const events = changesBetween({ ...before, username: '' }, { username: '', roles, disabled })
      const note = noteOf(request, { by: actor(request), events })
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
        summary: 'Sign a user out on every device, for ever, and forget their name, roles and data.',
        params: UserParams,
        response: { 204: Type.Null({ description: 'They are deleted.' }), ...REFUSALS },
      },
    },
    async (request, reply) => {
      const user = await existing(request.params.id)
      const note = noteOf(request, { by: actor(request), events: ['user_deleted'] })
      await sessions.update(user.handle, externalUsers.delete(user), note)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/admin/users/:id/sessions',
    {
      schema: {
        operationId: 'signOutUser',
        summary: 'Sign a user out on every device.',
        params: UserParams,
        response: { 204: Type.Null({ description: 'They are signed out.' }), ...REFUSALS },
      },
    },
    async (request, reply) => {
      const user = await existing(request.params.id)
      await sessions.revoke(
        user.handle,
        null,
        'session_revoked',
        noteOf(request, { by: actor(request) }),
      )
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/admin/users/:id/timeline',
    {
      schema: {
        operationId: 'userTimeline',
        summary: 'What happened to a user, newest first.',
        params: UserParams,
        querystring: PageQuery,
        response: { 200: TimelinePage, ...REFUSALS },
      },
    },
    async (request) => {
      const user = await existing(request.params.id)
      const { limit = PAGE, after = null } = request.query
      return pageOfEvents(timeline, user.id, { limit, before: after })
    },
  )

  async function existing(id: string): Promise<ExternalUser> {
    const user = await externalUsers.find(id)
    if (user === null) throw new Refusal('not_found')
    return user
  }
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
