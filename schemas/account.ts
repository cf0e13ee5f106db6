import { type Static, Type } from '@sinclair/typebox'
import { AdminUser } from './admin.ts'
import { Session, Time } from './session.ts'
import { TimelineEvent } from './timeline.ts'
import { Email, NewPassword, Roles, User, Username } from './user.ts'

/** A one-time token, in any form: a malformed one is answered like a used one. */
export const Token = Type.String({ description: 'From the link. It works once.' })

export const ForgottenPassword = Type.Object(
  { username: Username },
  { title: 'ForgottenPassword', additionalProperties: false, examples: [{ username: 'ann' }] },
)

export const PasswordReset = Type.Object(
  { token: Token, newPassword: NewPassword },
  { title: 'PasswordReset', additionalProperties: false },
)
export type PasswordReset = Static<typeof PasswordReset>

/** A one-time token that an administrator passes on. */
export const Issued = Type.Object(
  {
    token: Token,
    url: Type.Optional(
      Type.String({ description: 'The page for the token, if the settings name one.' }),
    ),
    expiresAt: Time,
  },
  { title: 'Issued' },
)
export type Issued = Static<typeof Issued>

const CurrentPassword = Type.String({ minLength: 1, maxLength: 256 })

export const MyChange = Type.Object(
  {
    currentPassword: CurrentPassword,
    username: Type.Optional(Username),
    email: Type.Optional(
      Type.Union([Email, Type.Null()], {
        description: 'null removes it. A new address has to be confirmed first.',
      }),
    ),
  },
  {
    title: 'MyChange',
    additionalProperties: false,
    minProperties: 2,
    examples: [{ currentPassword: 'correct horse battery', username: 'anna' }],
  },
)

export const MyDeletion = Type.Object(
  { currentPassword: CurrentPassword },
  { title: 'MyDeletion', additionalProperties: false },
)

export const MyReply = Type.Object({ user: User }, { title: 'MyReply' })

export const Confirmation = Type.Object(
  { token: Token },
  { title: 'Confirmation', additionalProperties: false },
)

export const NewInvitation = Type.Object(
  {
    username: Type.Optional(Username),
    roles: Type.Optional(Roles),
    email: Type.Optional(
      Type.Unsafe<string>({
        ...Email,
        description: 'The invitation is sent there, if there is a mail server.',
        examples: ['ann@example.org'],
      }),
    ),
  },
  { title: 'NewInvitation', additionalProperties: false },
)

/** Everything that is stored about a user. */
export const Export = Type.Object(
  {
    exportedAt: Time,
    user: AdminUser,
    sessions: Type.Array(Session, { description: 'The live sessions, newest first.' }),
    links: Type.Array(
      Type.Object({
        purpose: Type.String({ description: '`reset`, `confirm` or `invitation`.' }),
        email: Type.Optional(Type.String({ description: 'The address that it confirms.' })),
        expiresAt: Time,
      }),
      { description: 'Links that are still valid, without their tokens.' },
    ),
    events: Type.Array(TimelineEvent, {
      description: 'Newest first, as far back as the timeline goes.',
    }),
  },
  { title: 'Export' },
)
export type Export = Static<typeof Export>
