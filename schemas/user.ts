import { type Static, Type } from '@sinclair/typebox'

/** A user as everybody may see themself. */
export const User = Type.Object(
  {
    id: Type.String(),
    username: Type.String({ description: 'In its canonical form: NFKC, lower case.' }),
    roles: Type.Array(Type.String()),
    createdAt: Type.String({ format: 'date-time' }),
    email: Type.Optional(Type.String({ description: 'Once they have given one and confirmed it.' })),
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

/** The name somebody types; its canonical form is made in one place for sign-up and login. */
export const Username = Type.String({
  minLength: 1,
  maxLength: 254,
  description:
    'Upper and lower case are the same, and white space around it is not part of it. A new one has letters of one alphabet.',
})

/** The name of a role, as guards ask for it. */
export const Role = Type.String({
  pattern: '^[a-z][a-z0-9_-]{0,31}$',
  description: 'Such as `admin` or `editor`.',
})

/** A password somebody chooses; too short or easy to guess is a 422 of its own. */
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'At least 15 characters, and not easy to guess.',
})

/** As browsers check `<input type=email>` (the HTML standard), and no longer than a mail server takes (RFC 5321). */
export const Email = Type.String({
  minLength: 3,
  maxLength: 254,
  pattern:
    "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
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
