/**
 * What a client can do to a session. An administrator does the last row to somebody else. `admin` asks for something that
 * only a role allows; `stream` opens `/me/events`, and `ended` is how that stream ended.
 */
export type OpType =
  | ('login' | 'me' | 'logout' | 'password' | 'sessions' | 'end' | 'dispute' | 'stream' | 'ended')
  | 'admin'
  | ('grant' | 'withdraw' | 'revoke' | 'disable' | 'enable')

/**
 * How it came out: done; refused because of the session (401); certainly without effect; or unknown (a timeout, a reset, a
 * 5xx: it may have happened, or may still happen). Of a stream that `ended`: `denied` if it said so, `ok` if the client
 * closed it and it had said nothing, `info` if it broke.
 */
export type Outcome = 'ok' | 'denied' | 'fail' | 'info'

/** One request, as one client saw it. Times are milliseconds on the one monotonic clock of the driver. */
export type Op = {
  type: OpType
  /** Whose session, or whose roles. */
  user: string
  instance: number
  /** The session cookie that was sent, and the one that came back. */
  sid: string | null
  issued: string | null
  /** The username in the body of the answer. */
  who: string | null
  /** Before the first byte was written, and after the last one was read. */
  t0: number
  t1: number
  /** The status, 0 without one. */
  code: number
  /** The `code` of a refusal. */
  reason: string | null
  res: Outcome
  /** Session cookies that the answer set. */
  cookies: number
  /** Of a login: whether it has an `Idempotency-Key`, and so is the same session however often it is made. */
  mayRepeat: boolean
  /** Of a login: the name of the device, which no other login has. */
  device: string | null
  /** The password that a login brought, or that a change sets. */
  password: string | null
  /** The public id of the session that it means: of `end`, and of a login that names one to `replace`. */
  target: string | null
  /** The session in the body of the answer. */
  session: ShownSession | null
  /** Those of `/me/sessions`, those that a login replaced, or those that have the seats. */
  listed: readonly ShownSession[]
  /** Who took the seat, as a refusal says it. */
  replacedBy: { device: string | null; at: number } | null
}

/** A session as an answer shows it. Times are the server's, milliseconds since 1970. */
export type ShownSession = { id: string; device: string | null; createdAt: number }

/** From when to when, on the clock of the driver. */
export type Window = { from: number; to: number }

/**
 * Whether what was let in has extended its session, as far as a client can know. To open a stream is no use of it; and while SQL
 * is away, and a second after, a session is let in and lasts no longer.
 */
export function isExtendedBy({ type, t0, t1 }: Op, sqlAway: readonly Window[]): boolean {
  return type !== 'stream' && !sqlAway.some(({ from, to }) => t0 <= to + SQL_REST && from <= t1)
}

/** Milliseconds: an instance that SQL did not answer does not ask it again for a second, and an answer may be half a second late. */
const SQL_REST = 1_500

/** How many sessions a user may have, and what a login does when there are so many. */
export type Policy = {
  limit: number
  onLimit: 'replace' | 'refuse' | 'ask'
  /** Milliseconds. */
  refuseWhileSeen: number
}

/** All that happened in one run, and under which rules. */
export type History = {
  ops: readonly Op[]
  /** While something was broken. */
  windows: readonly Window[]
  /** While an ended session may be accepted, as `docs/consistency.md` says: an older state was put back a moment ago. */
  believed: readonly Window[]
  /** While SQL may have been away. */
  sqlAway: readonly Window[]
  /** Whether instances hear at once what another did, by Redis. Without it streams look by themselves. */
  tellsOthers: boolean
  /** Milliseconds. */
  idleTimeout: number
  absoluteTimeout: number
  policy: Policy
  /** What may have been lost, and so need not be remembered. */
  lost: Lost
}

/**
 * What a run may lose: `records` of sessions, in part or as they were last; commits of `sql`. `numbers`: nothing but that
 * records are confirmed anew, where a login number without a session looks like a loss.
 */
export type Lost = { records: boolean; sql: boolean; numbers: boolean }

/** Milliseconds between two moves of an idle deadline. */
export function touchInterval(idleTimeout: number): number {
  return Math.min(60_000, idleTimeout / 10)
}
