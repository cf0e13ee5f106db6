import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cluster, Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { Replacement } from '../sessions/record.ts'
import type { LimitPolicy } from '../sessions/rules.ts'

/** A length of time: milliseconds, or a number with `ms`, `s`, `m`, `h` or `d`, such as `30m`. */
export type Duration = number | string

/** What the plugin is told. */
export type OneseatOptions = {
  /**
   * What the secrets of sessions are hashed with, 32 characters or more each. The first is for new sessions, all are for those
   * that there are: to change it without signing anybody out, put a new one in front.
   */
  secrets: readonly (string | undefined)[]
  /** Where login numbers are kept, and sessions without `redis`: `file:` and a path, `postgres://…`, or a pool of `pg`. */
  database: string | Pool
  /** Where sessions are kept: `redis://…`, `redis+sentinel://…`, `redis+cluster://…`, or a client of `ioredis`. */
  redis?: string | Redis | Cluster
  /** On how many devices a user may be signed in. 1. */
  sessionLimit?: number
  /** Other limits for roles; the highest of a user's roles counts. */
  sessionLimitByRole?: Readonly<Record<string, number>>
  /** What a login does when there are as many sessions: `replace` the oldest, `refuse`, or `ask` which to end. `replace`. */
  onLimit?: LimitPolicy['onLimit']
  /** With `refuse`, a session that was not used for so long is replaced all the same. 5 minutes. */
  refuseWhileSeen?: Duration
  /** A session ends when it was not used for so long. 30 minutes. */
  idleTimeout?: Duration
  /** A session ends so long after its login. 12 hours. */
  absoluteTimeout?: Duration
  cookie?: {
    /** `oneseat`. With `secure: true` it gets `__Host-` in front, with a domain `__Secure-`. */
    name?: string
    /** `lax`. */
    sameSite?: 'lax' | 'strict'
    /** The cookie is also sent to hosts below this domain. Unset: only to the one that set it. */
    domain?: string
    /** `true`: HTTPS only. `auto`: as the request is. `auto`. */
    secure?: boolean | 'auto'
  }
  /** In front of the names of tables. `oneseat_`. */
  tablePrefix?: string
  /** In front of the keys in Redis. `oneseat:`. */
  keyPrefix?: string
  /** Answers a request that the guard refuses, in place of the problem body (RFC 9457). */
  onRefused?: (request: FastifyRequest, reply: FastifyReply, refusal: Refused) => unknown
}

/** Why a guard refuses a request. */
export type Refused = {
  /** The literal that programs decide on, such as `session_replaced`. */
  code: string
  /** The HTTP status of the answer that the guard would give. */
  status: number
  title: string
  detail: string
  /** Of `session_replaced`: by which device, from which network, and when (ISO 8601). */
  replacedBy?: Omit<Replacement, 'sessionId' | 'at'> & { at: string }
}

/** The same with all defaults, and every value checked. Throws an `Error` that names the option. */
export type CheckedOptions = {
  secrets: readonly string[]
  policyFor: (roles: readonly string[]) => LimitPolicy
  idleTimeout: number
  absoluteTimeout: number
  cookie: { name: string; sameSite: 'lax' | 'strict'; domain: string | null; secure: 'auto' | 'true' }
  tablePrefix: string
  keyPrefix: string
}

export function checkOptions(options: OneseatOptions): CheckedOptions {
  const { sessionLimit = 1, sessionLimitByRole = {}, onLimit = 'replace', cookie = {} } = options
  const { tablePrefix = 'oneseat_', keyPrefix = 'oneseat:' } = options
  const absoluteTimeout = milliseconds('absoluteTimeout', options.absoluteTimeout ?? '12h')
  const idleTimeout = milliseconds(
    'idleTimeout',
    options.idleTimeout ?? Math.min(1_800_000, absoluteTimeout),
  )
  const refuseWhileSeen = milliseconds('refuseWhileSeen', options.refuseWhileSeen ?? '5m')
  if (idleTimeout > absoluteTimeout) throw wrong('idleTimeout', 'may not be longer than absoluteTimeout')
  if (!['replace', 'refuse', 'ask'].includes(onLimit))
    throw wrong('onLimit', 'is replace, refuse or ask')
  const limits = new Map(
    Object.entries(sessionLimitByRole).map(([role, limit]) => {
      return [role, checkLimit(`sessionLimitByRole.${role}`, limit)]
    }),
  )
  const usual = checkLimit('sessionLimit', sessionLimit)
  if (!/^[a-z_][a-z0-9_]{0,40}$/i.test(tablePrefix))
    throw wrong('tablePrefix', 'is letters, digits and _')
  if (/[{}\s]/.test(keyPrefix)) throw wrong('keyPrefix', 'has no space and no brace')
  return {
    secrets: checkSecrets(options.secrets),
    policyFor: (roles) => {
      const limit = Math.max(0, ...roles.map((role) => limits.get(role) ?? 0)) || usual
      return { limit, onLimit, refuseWhileSeen }
    },
    idleTimeout,
    absoluteTimeout,
    cookie: checkCookie(cookie),
    tablePrefix,
    keyPrefix,
  }
}

function checkSecrets(secrets: OneseatOptions['secrets'] | undefined): string[] {
  const hint = 'Make one with: openssl rand -base64 32'
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw wrong('secrets', `needs a list with at least one secret of 32 characters or more. ${hint}`)
  }
  return secrets.map((secret, i) => {
    if (typeof secret === 'string' && secret.length >= 32) return secret
    const found = typeof secret === 'string' ? `has ${secret.length} characters` : `is ${typeof secret}`
    throw wrong('secrets', `number ${i + 1} of the list ${found}; it needs 32 or more. ${hint}`)
  })
}

function checkCookie(cookie: NonNullable<OneseatOptions['cookie']>): CheckedOptions['cookie'] {
  const { name = 'oneseat', sameSite = 'lax', domain = null, secure = 'auto' } = cookie
  if (!/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name)) throw wrong('cookie.name', 'is not the name of a cookie')
  if (!['lax', 'strict'].includes(sameSite)) throw wrong('cookie.sameSite', 'is lax or strict')
  if (domain !== null && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain))
    throw wrong('cookie.domain', 'is a host name such as example.com')
  return { name, sameSite, domain, secure: secure === true ? 'true' : 'auto' }
}

function checkLimit(name: string, limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 1 && limit <= 1000) return limit
  throw wrong(name, 'is a whole number from 1 to 1000')
}

function milliseconds(name: string, duration: Duration): number {
  const [, digits = '', unit = ''] = /^([1-9]\d{0,8})(ms|s|m|h|d)$/.exec(String(duration)) ?? []
  const value = typeof duration === 'number' ? duration : Number(digits) * (UNITS[unit] ?? Number.NaN)
  if (Number.isFinite(value) && value > 0) return value
  throw wrong(name, `is milliseconds, or a number with ms, s, m, h or d, such as '30m'`)
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function wrong(option: string, problem: string): Error {
  return new Error(`oneseat: option ${option}: ${problem}`)
}
