import { type Static, Type } from '@sinclair/typebox'
import { PageQuery, PLAIN } from './page.ts'
import { Session, Time } from './session.ts'
import { NewPassword, Roles, User, UserData, Username } from './user.ts'

const Next = Type.Union([Type.String(), Type.Null()], {
  description: 'Send it as `after` for the next page, which may be empty.',
  examples: ['bob'],
})

export const AdminUser = Type.Object(
  {
    ...User.properties,
    disabled: Type.Boolean(),
    lastLoginAt: Type.Union([Time, Type.Null()]),
  },
  { title: 'AdminUser' },
)
export type AdminUser = Static<typeof AdminUser>

export const AdminUserReply = Type.Object({ user: AdminUser }, { title: 'AdminUserReply' })

export const AdminUserPage = Type.Object(
  { users: Type.Array(AdminUser, { description: 'By username.' }), next: Next },
  { title: 'AdminUserPage' },
)

/** A user of the operator's own system. */
const ExternalUser = Type.Object(
  {
    id: Type.String(),
    name: Type.Union([Type.String(), Type.Null()]),
    roles: Type.Array(Type.String()),
    disabled: Type.Boolean(),
    data: UserData,
  },
  { title: 'ExternalUser' },
)

export const ExternalUserReply = Type.Object({ user: ExternalUser }, { title: 'ExternalUserReply' })

export const ExternalUserPage = Type.Object(
  { users: Type.Array(ExternalUser, { description: 'By id.' }), next: Next },
  { title: 'ExternalUserPage' },
)

export const UserQuery = Type.Object(
  {
    ...PageQuery.properties,
    search: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 254,
        pattern: PLAIN,
        description: 'Part of a username.',
        examples: ['an'],
      }),
    ),
  },
  { additionalProperties: false },
)

export const NewUser = Type.Object(
  {
    username: Username,
    password: NewPassword,
    roles: Type.Optional(Roles),
  },
  { title: 'NewUser', additionalProperties: false },
)

export const UserChange = Type.Object(
  {
    username: Type.Optional(Username),
    roles: Type.Optional(Roles),
    disabled: Type.Optional(
      Type.Boolean({ description: 'A disabled user is signed out and cannot sign in.' }),
    ),
  },
  { title: 'UserChange', additionalProperties: false, minProperties: 1 },
)

export const ExternalUserChange = Type.Object(
  { roles: UserChange.properties.roles, disabled: UserChange.properties.disabled },
  { title: 'ExternalUserChange', additionalProperties: false, minProperties: 1 },
)

export const UserParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 128, pattern: PLAIN, examples: ['u_5Zk0Qm'] }),
})

/** A live session with its user. */
export const OnlineSession = Type.Object(
  {
    ...Session.properties,
    user: Type.Object({
      id: Type.String({ examples: ['u_5Zk0Qm'] }),
      username: Type.String({ examples: ['ann'] }),
    }),
  },
  { title: 'OnlineSession' },
)
export type OnlineSession = Static<typeof OnlineSession>

export const OnlinePage = Type.Object(
  { sessions: Type.Array(OnlineSession, { description: 'Latest login first.' }), next: Next },
  { title: 'OnlinePage' },
)
