import { type Static, Type } from '@sinclair/typebox'
import { PLAIN } from './page.ts'

/** A user as everybody may see themself. */
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
        description: 'Once they have given one and confirmed it.',
        examples: ['ann@example.org'],
      }),
    ),
    mustChangePassword: Type.Optional(
      Type.Boolean({
        description:
          'Until they have chosen another password only `/me`, `/me/password`, `/me/sessions` and `/logout` answer.',
      }),
    ),
  },
  { title: 'User' },
)
export type User = Static<typeof User>

/** JSON of the operator's own that comes back with each check. */
export const UserData = Type.Unsafe<Record<string, unknown> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
  description: 'What the backend of the operator gave with the sign-in: up to 1 KiB of JSON.',
  examples: [{ plan: 'gold' }],
})

/** The user of a session: of an account of ours, or of the operator's own system. */
export const SessionUser = Type.Object(
  {
    id: User.properties.id,
    username: Type.Optional(User.properties.username),
    name: Type.Optional(
      Type.Union([Type.String(), Type.Null()], {
        description: 'In place of `username`, for a user of your own: as your backend gave it.',
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

/** The name somebody types; its canonical form is made in one place for sign-up and login. */
export const Username = Type.String({
  minLength: 1,
  maxLength: 254,
  pattern: '^[\\t-\\r ]*([^\\x00-\\x20\\x7f-\\x9f]+[\\t-\\r ]*)?$',
  description:
    'Upper and lower case are the same, and white space around it is not part of it. A new one has letters of one alphabet.',
  examples: ['ann'],
})

/** The name of a role, as guards ask for it. */
export const Role = Type.String({
  pattern: '^[a-z][a-z0-9_-]{0,31}$',
  description: 'Such as `admin` or `editor`.',
  examples: ['editor'],
})

export const Roles = Type.Array(Role, { maxItems: 16, uniqueItems: true })

/** A password somebody chooses; too short or easy to guess is a 422 of its own. */
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'At least 15 characters, and not easy to guess.',
  examples: ['nine purple lanterns'],
})

/** As browsers check `<input type=email>` (the HTML standard), and no longer than a mail server takes (RFC 5321). */
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern:
    "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
  description: 'A mail address. It is not used before it is confirmed by the link that is sent there.',
})

export const Registration = Type.Object(
  {
    username: Username,
    password: NewPassword,
    email: Type.Optional(Email),
    invitation: Type.Optional(
      Type.String({ description: 'The token of an invitation. It also works where sign-up is closed.' }),
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

/** Somebody whom the operator's own backend signs in. */
export const SignInUser = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: PLAIN,
      description: 'Your own id of the user; with built-in accounts, that of the account.',
    }),
    name: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 254, pattern: PLAIN }), Type.Null()], {
        description: 'To be shown. Only for users of your own.',
      }),
    ),
    roles: Type.Optional(Roles),
    data: Type.Optional(UserData),
  },
  { title: 'SignInUser', additionalProperties: false },
)
