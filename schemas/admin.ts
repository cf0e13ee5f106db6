import { type Static, Type } from '@sinclair/typebox'
import { PageQuery, PLAIN } from './page.ts'
import { Session, Time } from './session.ts'
import { NewPassword, Role, User, Username } from './user.ts'

const Next = Type.Union([Type.String(), Type.Null()], {
  description: 'Give it as `after` for the next page, which may turn out to be empty.',
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

export const UserQuery = Type.Object(
  {
    ...PageQuery.properties,
    search: Type.Optional(
      Type.String({ minLength: 1, maxLength: 254, pattern: PLAIN, description: 'Part of a username.' }),
    ),
  },
  { additionalProperties: false },
)

export const NewUser = Type.Object(
  {
    username: Username,
    password: NewPassword,
    roles: Type.Optional(Type.Array(Role, { maxItems: 16, uniqueItems: true })),
  },
  { title: 'NewUser', additionalProperties: false },
)

export const UserChange = Type.Object(
  {
    username: Type.Optional(Username),
    roles: Type.Optional(Type.Array(Role, { maxItems: 16, uniqueItems: true })),
    disabled: Type.Optional(
      Type.Boolean({ description: 'A disabled user is signed out and cannot sign in.' }),
    ),
  },
  { title: 'UserChange', additionalProperties: false, minProperties: 1 },
)

export const UserParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, pattern: PLAIN }),
})

/** A live session with whose it is. */
export const OnlineSession = Type.Object(
  { ...Session.properties, user: Type.Object({ id: Type.String(), username: Type.String() }) },
  { title: 'OnlineSession' },
)
export type OnlineSession = Static<typeof OnlineSession>

export const OnlinePage = Type.Object(
  { sessions: Type.Array(OnlineSession, { description: 'Latest login first.' }), next: Next },
  { title: 'OnlinePage' },
)
