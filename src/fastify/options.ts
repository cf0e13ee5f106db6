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

/** What the plugin is told. */
export type OneseatOptions = SessionOptions & {
  /** Where login numbers are kept, and sessions without `redis`: `file:` and a path, `postgres://…`, or a pool of `pg`. */
  database: string | Pool
  /** Where sessions are kept: `redis://…`, `redis+sentinel://…`, `redis+cluster://…`, or a client of `ioredis`. */
  redis?: string | Redis | Cluster | undefined
  cookie?: {
    /** `oneseat`. With `secure: true` it gets `__Host-` in front, with a domain `__Secure-`. */
    name?: string | undefined
    /** `lax`. */
    sameSite?: 'lax' | 'strict' | undefined
    /** The cookie is also sent to hosts below this domain. Unset: only to the one that set it. */
    domain?: string | undefined
    /** `true`: HTTPS only. `auto`: as the request is. `auto`. */
    secure?: boolean | 'auto' | undefined
  }
  /** In front of the names of tables. `oneseat_`. */
  tablePrefix?: string | undefined
  /** In front of the keys in Redis. `oneseat:`. */
  keyPrefix?: string | undefined
  /** Answers a request that the guard refuses, in place of the problem body (RFC 9457). */
  onRefused?: ((request: FastifyRequest, reply: FastifyReply, refusal: Refused) => unknown) | undefined
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

/** The same with all defaults, and every value checked. */
type CheckedOptions = CheckedSessionOptions & {
  cookie: { name: string; sameSite: 'lax' | 'strict'; domain: string | null; secure: 'auto' | 'true' }
  tablePrefix: string
  keyPrefix: string
}

/** Throws an `Error` that names the option which cannot be used. */
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
