import { type Static, Type } from '@sinclair/typebox'
import { PLAIN } from './page.ts'

/** An account, as its user sees it. */
export const User = Type.Object(
  {
    id: Type.String({ examples: ['u_5Zk0Qm'] }),
    username: Type.String({
      description: 'In its canonical form: NFKC, lower case.',
      examples: ['ann'],
    }),
    roles: Type.Array(Type.String({ examples: ['editor'] })),
    createdAt: Type.String({ format: 'date-time', examples: ['2026-11-02T08:00:00.000Z'] }),
    email: Type.Optional(
      Type.String({
        description: 'The confirmed address, if there is one.',
        examples: ['ann@example.org'],
      }),
    ),
    mustChangePassword: Type.Optional(
      Type.Boolean({
        description:
          'True until the user has chosen another password. Until then only `/me`, `/me/password`, `/me/sessions` and `/logout` answer.',
      }),
    ),
  },
  { title: 'User' },
)
export type User = Static<typeof User>

/** JSON of the operator, which comes back with each check. */
export const UserData = Type.Unsafe<Record<string, unknown> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
  description: 'Data from the sign-in by your backend: up to 1 KiB of JSON.',
  examples: [{ plan: 'gold' }],
})

/** The user of a session: an account, or a user of the operator's own system. */
export const SessionUser = Type.Object(
  {
    id: User.properties.id,
    username: Type.Optional(User.properties.username),
    name: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        description:
          'For a user of your own system, in place of `username`: the name that your backend sent.',
      }),
    ),
    roles: User.properties.roles,
    createdAt: Type.Optional(User.properties.createdAt),
    email: User.properties.email,
    mustChangePassword: User.properties.mustChangePassword,
    data: Type.Optional(UserData),
  },
  {
    title: 'SessionUser',
    examples: [
      { id: 'u_5Zk0Qm', username: 'ann', roles: ['editor'], createdAt: '2026-11-01T08:15:00.000Z' },
    ],
  },
)
export type SessionUser = Static<typeof SessionUser>

/** The name that somebody types. Its canonical form is made in one place for sign-up and login. */
export const Username = Type.String({
  minLength: 1,
  maxLength: 254,
  pattern: '^[\\t-\\r ]*([^\\x00-\\x20\\x7f-\\x9f]+[\\t-\\r ]*)?$',
  description:
    'Upper and lower case are the same, and white space around the name is ignored. A new name has letters of one alphabet.',
  examples: ['ann'],
})

/** The name of a role. */
export const Role = Type.String({
  pattern: '^[a-z][a-z0-9_-]{0,31}$',
  description: 'Such as `admin` or `editor`.',
  examples: ['editor'],
})

export const Roles = Type.Array(Role, { maxItems: 16, uniqueItems: true })

/** A new password. If it is too short or easy to guess, the answer is 422. */
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'At least 15 characters, and not easy to guess.',
  examples: ['nine purple lanterns'],
})

/** The pattern is that of `<input type=email>` in the HTML standard; the length is that of RFC 5321. */
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern:
    "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
  description: 'A mail address. It is not used before it is confirmed with the link that is sent there.',
})

export const Registration = Type.Object(
  {
    username: Username,
    password: NewPassword,
    email: Type.Optional(Email),
    invitation: Type.Optional(
      Type.String({ description: 'The token of an invitation. It also works when sign-up is closed.' }),
    ),
  },
  {
    title: 'Registration',
    additionalProperties: false,
    examples: [{ username: 'ann', password: 'correct horse battery' }],
  },
)
export type Registration = Static<typeof Registration>

export const Registered = Type.Object({ user: User }, { title: 'Registered' })
export type Registered = Static<typeof Registered>

/** A user whom the operator's backend signs in. */
export const SignInUser = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: PLAIN,
      description: 'The id of the user in your system; with built-in accounts, the id of the account.',
    }),
    name: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 254, pattern: PLAIN }), Type.Null()], {
        description: 'The name to show. Only for users of your own system.',
      }),
    ),
    roles: Type.Optional(Roles),
    data: Type.Optional(UserData),
  },
  { title: 'SignInUser', additionalProperties: false },
)
