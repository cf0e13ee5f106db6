import { type Static, Type } from '@sinclair/typebox'
import { PLAIN } from './page.ts'
import { NewPassword, SessionUser, SignInUser, Username } from './user.ts'

/** A moment on the wire. */
const timeAs = (example: string) =>
  Type.String({ format: 'date-time', description: 'ISO 8601, UTC.', examples: [example] })
export const Time = timeAs('2026-11-27T09:30:00.000Z')

/** What a login said of the machine it came from. */
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

/** One signed-in device. `id` is public; the secret is nowhere but in the cookie. */
export const Session = Type.Object(
  {
    id: Type.String({ examples: ['Jq3vT0aXnC8'] }),
    epoch: Type.Integer({ description: 'The login number: it only ever grows.', examples: [7] }),
    device: Device,
    ip: Type.String({ examples: ['192.0.2.17'] }),
    createdAt: Time,
    lastSeenAt: timeAs('2026-11-27T09:41:07.000Z'),
    idleExpiresAt: timeAs('2026-11-27T10:11:07.000Z'),
    expiresAt: timeAs('2026-11-27T21:30:00.000Z'),
    current: Type.Boolean({ description: 'Whether this is the session that asks.' }),
  },
  { title: 'Session' },
)
export type Session = Static<typeof Session>

/** How the secret of a session gets to its client and back. */
const Transport = Type.Unsafe<'cookie' | 'token'>({
  type: 'string',
  enum: ['cookie', 'token'], // one enum: of two literals some generators make a type that is not there
  description:
    '`token`: the answer has the secret in its body, for `Authorization: Bearer`. Only for native apps: a page cannot hide it.',
})

const DeviceName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: PLAIN,
  format: 'visible',
  description: 'A name for this device, shown to the one it replaces. No invisible characters.',
})

const Replace = Type.String({
  maxLength: 64,
  description: 'The id of the session to end, if the policy asks.',
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
        description: 'With `token`: what the last login gave, so that this device counts as known.',
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
    'With `transport: "token"`: give it with the next login, so that this device counts as known.',
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
  description: 'The sessions that had to make way.',
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

/** What a backend says of somebody whom it has verified, and of their browser or app. */
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
          'The `Cookie` header of the browser, or the token that the app had: the same device replaces itself.',
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
        description: 'Pass each on to the browser as a `Set-Cookie` header.',
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

/** What a native app gets where a browser gets cookies. */
export const NewTokens = Type.Object({ token: Token, deviceToken: DeviceToken }, { title: 'NewTokens' })
