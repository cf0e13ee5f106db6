/** Why a session ended: the `code` that its next request is told. */
export const END_REASONS = [
  'session_replaced',
  'logged_out',
  'session_idle',
  'session_expired',
  'session_revoked',
  'password_changed',
  'user_disabled',
  'session_disputed',
] as const
export type EndReason = (typeof END_REASONS)[number]

/** What a login said of the machine it came from. */
export type Device = { name: string | null; os: string | null; browser: string | null }

/** The login that took a seat. `ip` is masked: the kicked device learns the network, not the address. */
export type Replacement = { sessionId: string; device: Device; ip: string; at: number }

/** One signed-in device. All times are milliseconds since 1970 on the engine's clock. */
export type LiveSession = {
  /** Public, and never the secret. */
  id: string
  /** SHA-256 of the secret, base64url. The secret itself is nowhere but in the cookie. */
  secretHash: string
  /** The login number under which it was claimed. */
  epoch: number
  device: Device
  ip: string
  createdAt: number
  lastSeenAt: number
  idleExpiresAt: number
  expiresAt: number
}

/** What is kept of a session that ended, so that its device can be told why. */
export type EndedSession = {
  id: string
  /** The first 132 bits of the hash: enough to recognise a cookie that carries a valid signature. */
  hashPrefix: string
  reason: EndReason
  at: number
  replacedBy: Replacement | null
}

/** What a guard needs to know of the user, kept with the session so that a check is one read. */
export type Holder = {
  id: string
  username: string
  roles: readonly string[]
  createdAt: number
  disabled: boolean
}

/** Everything a session engine knows of one user: one value under one key. */
export type SeatRecord = {
  /** The highest login number applied here. Every change applies a higher one than the last. */
  epoch: number
  /** Logins with a number up to this one came before somebody else took or closed the seat. */
  floor: number
  /** The engine's incarnation under which this value was last known to agree with SQL. */
  confirmedUnder: string
  holder: Holder
  /** By login number, oldest first. */
  live: readonly LiveSession[]
  /** Newest first, at most `ENDED_KEPT`. */
  ended: readonly EndedSession[]
}

/** A user's last endings that are remembered, and for how long: milliseconds. */
export const ENDED_KEPT = 64
export const ENDED_KEPT_FOR = 30 * 24 * 60 * 60 * 1000

/** The part of a secret's hash by which an ended session is recognised. */
export function hashPrefix(secretHash: string): string {
  return secretHash.slice(0, 22)
}
