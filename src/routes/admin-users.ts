import { Type } from '@sinclair/typebox'
import {
  AdminUserPage,
  AdminUserReply,
  NewUser,
  UserChange,
  UserParams,
  UserQuery,
} from '../../schemas/admin.ts'
import { PAGE, PageQuery } from '../../schemas/page.ts'
import { Problem } from '../../schemas/problem.ts'
import { EventPage } from '../../schemas/timeline.ts'
import type { Account, Accounts } from '../accounts/accounts.ts'
import type { SignUp } from '../accounts/sign-up.ts'
import { Refusal } from '../errors.ts'
import { principalOf } from '../fastify/guard.ts'
import type { App } from '../http/types.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { type Audit, byUser } from '../timeline/audit.ts'
import type { EventType, Timeline } from '../timeline/timeline.ts'
import { pageOf, pageOfEvents } from './pages.ts'
import { viewAdminUser } from './views.ts'

export type AdminUsersOptions = {
  accounts: Accounts
  sessions: Sessions
  timeline: Timeline
  signUp: SignUp
  audit: Audit
  clock: () => number
}

/** Users, as administrators see and change them. No reply has a password or a hash in it. */
export async function adminUsersRoutes(app: App, options: AdminUsersOptions): Promise<void> {
  const { accounts, sessions, timeline, signUp, audit, clock } = options

  app.get(
    '/admin/users',
    {
      schema: {
        operationId: 'listUsers',
        summary: 'Users by name, page by page.',
        querystring: UserQuery,
        response: { 200: AdminUserPage, 400: Problem, 401: Problem, 403: Problem, 503: Problem },
      },
    },
    async (request) => {
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
          400: Problem,
          401: Problem,
          403: Problem,
          409: Problem,
          422: Problem,
          503: Problem,
        },
      },
    },
    async (request, reply) => {
      const { username, password, roles = [] } = request.body
      const account = await signUp({ username, password, roles })
      audit(request, { type: 'registered', userId: account.id, by: actor(request) })
      return reply.code(201).send({ user: viewAdminUser(account) })
    },
  )

  app.patch(
    '/admin/users/:id',
    {
      schema: {
        operationId: 'changeUser',
        summary: 'Change roles or disable; it bites on the next request of a running session.',
        params: UserParams,
        body: UserChange,
        response: {
          200: AdminUserReply,
          400: Problem,
          401: Problem,
          403: Problem,
          404: Problem,
          409: Problem,
          503: Problem,
        },
      },
    },
    async (request) => {
      const before = await existing(request.params.id)
      // Also when nothing changes: sessions may not have got this far the first time.
      const account = await sessions.update(before.handle, async () => {
        const changed = await accounts.change(before.id, request.body, clock())
        if (changed === null) throw new Refusal('not_found')
        for (const type of changesBetween(before, changed)) {
          audit(request, { type, userId: changed.id, by: actor(request) })
        }
        return changed
      })
      return { user: viewAdminUser(account) }
    },
  )

  app.delete(
    '/admin/users/:id/sessions',
    {
      schema: {
        operationId: 'signOutUser',
        summary: 'Sign a user out on every device.',
        params: UserParams,
        response: {
          204: Type.Null({ description: 'They are signed out.' }),
          400: Problem,
          401: Problem,
          403: Problem,
          404: Problem,
          503: Problem,
        },
      },
    },
    async (request, reply) => {
      const account = await existing(request.params.id)
      for (const session of await sessions.revoke(account.handle, null, 'session_revoked')) {
        audit(request, { type: 'session_revoked', userId: account.id, session, by: actor(request) })
      }
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/admin/users/:id/timeline',
    {
      schema: {
        operationId: 'userTimeline',
        summary: 'What happened to an account, newest first.',
        params: UserParams,
        querystring: PageQuery,
        response: {
          200: EventPage,
          400: Problem,
          401: Problem,
          403: Problem,
          404: Problem,
          503: Problem,
        },
      },
    },
    async (request) => {
      const account = await existing(request.params.id)
      const { limit = PAGE, after = null } = request.query
      return pageOfEvents(timeline, account.id, { limit, before: after })
    },
  )

  async function existing(userId: string): Promise<Account> {
    const account = await accounts.findById(userId)
    if (account === null) throw new Refusal('not_found')
    return account
  }
}

function changesBetween(before: Account, after: Account): EventType[] {
  const hasOtherRoles = before.roles.join() !== after.roles.join()
  const isSwitched = before.disabled !== after.disabled
  return [
    ...(hasOtherRoles ? (['roles_changed'] as const) : []),
    ...(isSwitched ? ([after.disabled ? 'user_disabled' : 'user_enabled'] as const) : []),
  ]
}

function actor(request: Parameters<typeof principalOf>[0]) {
  return byUser(principalOf(request).holder.username)
}
