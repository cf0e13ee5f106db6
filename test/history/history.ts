/** What a client can do to a session. `admin` asks for something that only a role allows. */
export type OpType = 'login' | 'me' | 'logout' | 'revoke' | 'admin' | 'grant' | 'withdraw'

/**
 * How it came out: done; refused because of the session (401); certainly without effect; or unknown (a timeout, a reset, a
 * 5xx: it may have happened, or may still happen).
 */
export type Outcome = 'ok' | 'denied' | 'fail' | 'info'

/** One request, as one client saw it. Times are milliseconds on the one monotonic clock of the driver. */
export type Op = {
  type: OpType
  /** Whose session, or whose roles. */
  user: string
  instance: number
  /** The cookie that was sent, or, of a login, the one that came back. */
  sid: string | null
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
}

/** While something was broken, on the clock of the driver. */
export type Window = { from: number; to: number }

/** All that happened in one run. */
export type History = {
  ops: readonly Op[]
  windows: readonly Window[]
  /** Milliseconds. */
  idleTimeout: number
  absoluteTimeout: number
}
