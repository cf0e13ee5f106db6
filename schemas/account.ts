import { type Static, Type } from '@sinclair/typebox'
import { Time } from './session.ts'
import { NewPassword, Username } from './user.ts'

/** What was sent or given to somebody, whatever it looks like: one that is wrong is told the same as one that was used. */
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
      Type.String({ description: 'The page that takes it, if the settings name one.' }),
    ),
    expiresAt: Time,
  },
  { title: 'Issued' },
)
export type Issued = Static<typeof Issued>
