import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cluster, Redis } from 'ioredis'
import type { Pool } from 'pg'
import {
  type CheckedSessionOptions,
  checkSessionOptions,
  type SessionOptions,
  wrong,
} from '../sessions/options.ts'
import type { Replacement } from '../sessions/record.ts'

/** The options of the plugin. */
export type OneseatOptions = SessionOptions & {
  /** Where login numbers are kept, and sessions without `redis`: `file:` and a path, `postgres://…`, or a pool of `pg`. */
  database: string | Pool
  /** Where sessions are kept: `redis://…`, `redis+sentinel://…`, `redis+cluster://…`, or a client of `ioredis`. */
  redis?: string | Redis | Cluster | undefined
  cookie?: {
    /** The default is `oneseat`. With `secure: true` it gets the prefix `__Host-`, with a domain `__Secure-`. */
    name?: string | undefined
    /** The default is `lax`. */
    sameSite?: 'lax' | 'strict' | undefined
    /** The cookie is also sent to hosts below this domain. Unset: only to the host that set it. */
    domain?: string | undefined
    /** `true`: the cookie works over HTTPS only. `auto`, the default: it is `Secure` if the request came over HTTPS. */
    secure?: boolean | 'auto' | undefined
  }
  /** Begins the names of all tables. The default is `oneseat_`. */
  tablePrefix?: string | undefined
  /** Begins all keys in Redis. The default is `oneseat:`. */
  keyPrefix?: string | undefined
  /** Answers a request that a guard refuses, instead of the problem body (RFC 9457). */
  onRefused?: ((request: FastifyRequest, reply: FastifyReply, refusal: Refused) => unknown) | undefined
}

/** Why a guard refuses a request. */
export type Refused = {
  /** The code that programs compare, such as `session_replaced`. */
  code: string
  /** The HTTP status of the guard's own answer. */
  status: number
  title: string
  detail: string
  /** For `session_replaced`: by which device, from which network, and when (ISO 8601). */
  replacedBy?: Omit<Replacement, 'sessionId' | 'at'> & { at: string }
}

/** The same options with defaults filled in and every value checked. */
type CheckedOptions = CheckedSessionOptions & {
  cookie: { name: string; sameSite: 'lax' | 'strict'; domain: string | null; secure: 'auto' | 'true' }
  tablePrefix: string
  keyPrefix: string
}

/** Throws an `Error` that names an option with a bad value. */
export function checkOptions(options: OneseatOptions): CheckedOptions {
  const { tablePrefix = 'oneseat_', keyPrefix = 'oneseat:', cookie = {} } = options
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(tablePrefix))
    throw wrong('tablePrefix', 'is small letters, digits and _')
  if (/[{}\s]/.test(keyPrefix)) throw wrong('keyPrefix', 'has no space and no brace')
  const { database, redis = '' } = options
  if (typeof database === 'string' ? !/^(file:.|postgres(ql)?:\/\/)/.test(database) : !isPool(database))
    throw wrong('database', "is 'file:' and a path, 'postgres://…', or a pool of pg")
  if (typeof redis !== 'string' && typeof redis?.defineCommand !== 'function')
    throw wrong('redis', 'is a URL, or a client of ioredis')
  return { ...checkSessionOptions(options), cookie: checkCookie(cookie), tablePrefix, keyPrefix }
}

/** Of pg there are also single clients, which cannot be shared. */
function isPool(database: Pool): boolean {
  return typeof database?.connect === 'function' && 'totalCount' in database
}

function checkCookie(cookie: NonNullable<OneseatOptions['cookie']>): CheckedOptions['cookie'] {
  const { name = 'oneseat', sameSite = 'lax', domain = null, secure = 'auto' } = cookie
  if (!/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name)) throw wrong('cookie.name', 'is not the name of a cookie')
  if (!['lax', 'strict'].includes(sameSite)) throw wrong('cookie.sameSite', 'is lax or strict')
  if (domain !== null && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain))
    throw wrong('cookie.domain', 'is a host name such as example.com')
  if (![true, false, 'auto'].includes(secure)) throw wrong('cookie.secure', 'is true or auto')
  return { name, sameSite, domain, secure: secure === true ? 'true' : 'auto' }
}
