import { type Static, Type } from '@sinclair/typebox'

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
  },
  { title: 'User' },
)
export type User = Static<typeof User>

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

/** A password somebody chooses; too short or easy to guess is a 422 of its own. */
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'At least 15 characters, and not easy to guess.',
  examples: ['nine purple lanterns'],
})

export const Registration = Type.Object(
  { username: Username, password: NewPassword },
  {
    title: 'Registration',
    additionalProperties: false,
    examples: [{ username: 'ann', password: 'correct horse battery' }],
  },
)
export type Registration = Static<typeof Registration>

export const Registered = Type.Object({ user: User }, { title: 'Registered' })
export type Registered = Static<typeof Registered>
