import { type Static, Type } from '@sinclair/typebox'
import { PLAIN } from './page.ts'
import { NewPassword, SessionUser, SignInUser, Username } from './user.ts'

/** A time in the API. */
const timeAs = (example: string) =>
  Type.String({ format: 'date-time', description: 'ISO 8601, UTC.', examples: [example] })
export const Time = timeAs('2026-11-27T09:30:00.000Z')

/** The device of a login, as it described itself. */
export const Device = Type.Object(
  {
    name: Type.Union([Type.String(), Type.Null()], {
      description: 'As given at login.',
      examples: ['laptop'],
    }),
    os: Type.Union([Type.String(), Type.Null()], {
      description: 'From the User-Agent.',
      examples: ['macOS'],
    }),
    browser: Type.Union([Type.String(), Type.Null()], {
      description: 'From the User-Agent.',
      examples: ['Firefox'],
    }),
  },
  { title: 'Device' },
)
export type Device = Static<typeof Device>

/** One signed-in device. `id` is public; the secret is in the cookie only. */
export const Session = Type.Object(
  {
    id: Type.String({ examples: ['Jq3vT0aXnC8'] }),
    epoch: Type.Integer({
      description: 'The login number of the session: a later login has a higher one.',
      examples: [7],
    }),
    device: Device,
    ip: Type.String({ examples: ['192.0.2.17'] }),
    createdAt: Time,
    lastSeenAt: timeAs('2026-11-27T09:41:07.000Z'),
    idleExpiresAt: timeAs('2026-11-27T10:11:07.000Z'),
    expiresAt: timeAs('2026-11-27T21:30:00.000Z'),
    current: Type.Boolean({ description: 'Whether this is the session of the request.' }),
  },
  { title: 'Session' },
)
export type Session = Static<typeof Session>

/** How the client gets the secret of its session, and sends it back. */
const Transport = Type.Unsafe<'cookie' | 'token'>({
  type: 'string',
  enum: ['cookie', 'token'], // one enum: for two literals some generators use a type that they do not define
  description:
    '`token`: the body of the answer has the secret, for `Authorization: Bearer`. Only for native apps: a page cannot hide it.',
})

const DeviceName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: PLAIN,
  format: 'visible',
  description: 'A name for this device, which a replaced device is shown. No invisible characters.',
})

const Replace = Type.String({
  maxLength: 64,
  description: 'The id of the session to end, with `ON_LIMIT=ask`.',
  examples: ['Jq3vT0aXnC8'],
})

export const Credentials = Type.Object(
  {
    username: Username,
    password: Type.String({ minLength: 1, maxLength: 256, examples: ['correct horse battery'] }),
    device: Type.Optional(DeviceName),
    replace: Type.Optional(Replace),
    transport: Type.Optional(Transport),
    deviceToken: Type.Optional(
      Type.String({
        maxLength: 256,
        description:
          'With `token`: the `deviceToken` of the last login, so that this device counts as known.',
      }),
    ),
  },
  {
    title: 'Credentials',
    additionalProperties: false,
    examples: [{ username: 'ann', password: 'correct horse battery', device: 'laptop' }],
  },
)
export type Credentials = Static<typeof Credentials>

const Token = Type.String({ description: 'With `transport: "token"`: the secret of the session.' })
const DeviceToken = Type.String({
  description:
    'With `transport: "token"`: send it with the next login, so that this device counts as known.',
})

export const SignedIn = Type.Object({ user: SessionUser, session: Session }, { title: 'SignedIn' })
export type SignedIn = Static<typeof SignedIn>

const REPLACED: Session = {
  id: 'b7Kx2LmQz4R',
  epoch: 6,
  device: { name: 'phone', os: 'Android', browser: 'Chrome' },
  ip: '203.0.113.0/24',
  createdAt: '2026-11-26T22:02:11.000Z',
  lastSeenAt: '2026-11-27T09:28:40.000Z',
  idleExpiresAt: '2026-11-27T09:58:40.000Z',
  expiresAt: '2026-11-27T10:02:11.000Z',
  current: false,
}

const Replaced = Type.Array(Session, {
  description: 'The sessions that this login ended.',
  examples: [[REPLACED]],
})

export const LoggedIn = Type.Object(
  {
    user: SessionUser,
    session: Session,
    replaced: Replaced,
    token: Type.Optional(Token),
    deviceToken: Type.Optional(DeviceToken),
  },
  { title: 'LoggedIn' },
)
export type LoggedIn = Static<typeof LoggedIn>

/** What a backend sends about a user whom it has verified, and about their browser or app. */
export const NewSession = Type.Object(
  {
    user: SignInUser,
    device: Type.Optional(DeviceName),
    userAgent: Type.Optional(
      Type.String({ maxLength: 1024, description: 'The `User-Agent` of the browser.' }),
    ),
    ip: Type.Optional(Type.String({ maxLength: 64, description: 'The address of the browser.' })),
    presented: Type.Optional(
      Type.String({
        maxLength: 16_384,
        description:
          'The `Cookie` header of the browser, or the earlier token of the app, so that a device replaces its own session silently.',
      }),
    ),
    replace: Type.Optional(Replace),
    transport: Type.Optional(Transport),
  },
  { title: 'NewSession', additionalProperties: false },
)
export type NewSession = Static<typeof NewSession>

export const MadeSession = Type.Object(
  {
    user: SessionUser,
    session: Session,
    replaced: Replaced,
    setCookie: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Send each to the browser as a `Set-Cookie` header.',
      }),
    ),
    token: Type.Optional(Token),
  },
  { title: 'MadeSession' },
)
export type MadeSession = Static<typeof MadeSession>

export const SessionList = Type.Object(
  { sessions: Type.Array(Session, { description: 'Newest first.' }) },
  { title: 'SessionList' },
)
export type SessionList = Static<typeof SessionList>

export const SessionParams = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 64, examples: ['Jq3vT0aXnC8'] }),
})

export const PasswordChange = Type.Object(
  {
    currentPassword: Type.String({
      minLength: 1,
      maxLength: 256,
      examples: ['correct horse battery'],
    }),
    newPassword: NewPassword,
  },
  { title: 'PasswordChange', additionalProperties: false },
)
export type PasswordChange = Static<typeof PasswordChange>

/** What a native app gets in place of cookies. */
export const NewTokens = Type.Object({ token: Token, deviceToken: DeviceToken }, { title: 'NewTokens' })
