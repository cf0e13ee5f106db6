/** Why a session ended: the `code` that its next request gets. */
export const END_REASONS = [
  'session_replaced',
  'logged_out',
  'session_idle',
  'session_expired',
  'session_revoked',
  'password_changed',
  'user_disabled',
  'user_deleted',
  'session_disputed',
  'session_lost',
] as const
export type EndReason = (typeof END_REASONS)[number]

/** The device of a login, as it described itself. */
export type Device = { name: string | null; os: string | null; browser: string | null }

/** The login that replaced a session. `ip` is masked: the replaced device learns the network, not the address. */
export type Replacement = {
  sessionId: string
  device: Device
  ip: string
  at: number
  deviceKey?: string | undefined
}

/** One signed-in device. All times are milliseconds since 1970 on the store's clock. */
export type LiveSession = {
  /** Public, and unrelated to the secret. */
  id: string
  /** Keyed SHA-256 of the secret, base64url. Only the client has the secret itself. */
  secretHash: string
  /** The login number of its login. */
  epoch: number
  device: Device
  ip: string
  /** Distinguishes this device from the user's others, if the application knows it: see `kick-war.ts`. Never shown. */
  deviceKey?: string | undefined
  createdAt: number
  lastSeenAt: number
  idleExpiresAt: number
  expiresAt: number
}

/** What is kept of a session that ended, so that its device can be told why. */
export type EndedSession = {
  id: string
  /** The first 132 bits of the hash, enough to recognise a cookie that we issued. */
  hashPrefix: string
  reason: EndReason
  at: number
  /** The login number of the record when it ended. */
  number: number
  /** For how long it lived, milliseconds. */
  life: number
  replacedBy: Replacement | null
}

/** JSON of the application, which comes back with each check. */
export type UserData = Readonly<Record<string, unknown>>

/** What a guard needs to know about the user. It is stored with the sessions, so that a check is one read. */
export type SessionUser = {
  id: string
  roles: readonly string[]
  disabled: boolean
  data: UserData | null
}

/** Everything a session store knows of one user: one value under one key. */
export type SessionRecord = {
  /** The highest login number applied to this record. Every change applies a higher one. */
  number: number
  /** The stamp of the store's history when this record last agreed with SQL. */
  stamp: string
  user: SessionUser
  /** By login number, oldest first. */
  live: readonly LiveSession[]
  /** Newest first, at most `ENDED_KEPT`. */
  ended: readonly EndedSession[]
}

/** How many endings of a user are remembered, and for how long: milliseconds. */
export const ENDED_KEPT = 96
export const ENDED_KEPT_FOR = 30 * 24 * 60 * 60 * 1000

/** The part of a secret's hash by which an ended session is recognised. */
export function hashPrefix(secretHash: string): string {
  return secretHash.slice(0, 22)
}
