/** A length of time: milliseconds, or a number with `ms`, `s`, `m`, `h` or `d`, such as `30m`. */
export type Duration = number | string

/** The options of an application about sessions. */
export type SessionOptions = {
  /**
   * The keys for hashing the secrets of sessions, 32 characters or more each. New sessions use the first, existing sessions are
   * found with any. To change the key without signing anybody out, put a new one in front.
   */
  secrets: readonly (string | undefined)[]
  /** On how many devices a user may be signed in. The default is 1. */
  sessionLimit?: number | undefined
  /** Other limits for roles; the highest of a user's roles counts. */
  sessionLimitByRole?: Readonly<Record<string, number>> | undefined
  /**
   * What a login does when the user has that many sessions: `replace` the oldest (the default), `refuse`, or `ask` which to end.
   */
  onLimit?: LimitPolicy['onLimit'] | undefined
  /** With `refuse`, a session that was unused for this long is replaced all the same. The default is 5 minutes. */
  refuseWhileSeen?: Duration | undefined
  /** A session ends when it was unused for this long. The default is 30 minutes. */
  idleTimeout?: Duration | undefined
  /** A session ends this long after its login. The default is 12 hours. */
  absoluteTimeout?: Duration | undefined
}

/** How many sessions a user may have, and what a login does when the user has that many. */
export type LimitPolicy = {
  limit: number
  onLimit: 'replace' | 'refuse' | 'ask'
  /** With `refuse`: a session that was unused for so many milliseconds is replaced all the same. */
  refuseWhileSeen: number
}

/** The same options with defaults filled in, every value checked, and times in milliseconds. */
export type CheckedSessionOptions = {
  secrets: readonly string[]
  policyFor: (roles: readonly string[]) => LimitPolicy
  idleTimeout: number
  absoluteTimeout: number
}

/** Throws an `Error` that names an option with a bad value. */
export function checkSessionOptions(options: SessionOptions): CheckedSessionOptions {
  const { sessionLimit = 1, sessionLimitByRole = {}, onLimit = 'replace' } = options
  const absoluteTimeout = milliseconds('absoluteTimeout', options.absoluteTimeout ?? '12h')
  const usualIdle = Math.min(1_800_000, absoluteTimeout)
  const idleTimeout = milliseconds('idleTimeout', options.idleTimeout ?? usualIdle)
  const refuseWhileSeen = milliseconds('refuseWhileSeen', options.refuseWhileSeen ?? '5m')
  if (idleTimeout > absoluteTimeout) throw wrong('idleTimeout', 'may not be longer than absoluteTimeout')
  if (!['replace', 'refuse', 'ask'].includes(onLimit))
    throw wrong('onLimit', 'is replace, refuse or ask')
  const byRole = Object.entries(sessionLimitByRole).map(([role, limit]) => {
    return [role, checkLimit(`sessionLimitByRole.${role}`, limit)] as const
  })
  const usual = { limit: checkLimit('sessionLimit', sessionLimit), onLimit, refuseWhileSeen }
  return {
    secrets: checkSecrets(options.secrets),
    policyFor: limitPolicies(usual, byRole),
    idleTimeout,
    absoluteTimeout,
  }
}

/**
 * Makes a function that gives the policy for a user's roles: the highest limit of a role, or the usual limit if no role has one.
 * It is called at every check of a session, so a lowered limit ends the oldest sessions above it at once.
 */
export function limitPolicies(
  usual: LimitPolicy,
  limits: readonly (readonly [role: string, limit: number])[],
): (roles: readonly string[]) => LimitPolicy {
  const byRole = new Map(limits)
  if (byRole.size === 0) return () => usual
  return (roles) => {
    const limit = Math.max(0, ...roles.map((role) => byRole.get(role) ?? 0))
    return limit === 0 ? usual : { ...usual, limit }
  }
}

function checkSecrets(secrets: SessionOptions['secrets'] | undefined): string[] {
  const hint = 'Make one with: openssl rand -base64 32'
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw wrong('secrets', `needs a list with at least one secret of 32 characters or more. ${hint}`)
  }
  return secrets.map((secret, i) => {
    if (typeof secret === 'string' && secret.length >= 32) return secret
    const found = typeof secret === 'string' ? `has ${secret.length} characters` : `is ${typeof secret}`
    throw wrong(
      'secrets',
      `number ${i + 1} of the list ${found}; it needs 32 characters or more. ${hint}`,
    )
  })
}

function checkLimit(name: string, limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= 1000) return limit
  throw wrong(name, 'is a whole number from 1 to 1000')
}

function milliseconds(name: string, duration: Duration): number {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,8})(ms|s|m|h|d)$/.exec(String(duration)) ?? []
  const value = typeof duration === 'number' ? duration : Number(digits) * (UNITS[unit] ?? Number.NaN)
  if (Number.isFinite(value) && value > 0) return value
  throw wrong(name, "is milliseconds, or a number with ms, s, m, h or d, such as '30m'")
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The error for an option with a bad value. */
export function wrong(option: string, problem: string): Error {
  return new Error(`oneseat: option ${option}: ${problem}`)
}
