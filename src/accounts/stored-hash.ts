import { FORMATS } from './hash-formats.ts'
import type { PasswordHash } from './hash-functions.ts'

/** Reads a stored password hash; gives a sentence that says why if that is not possible. */
export function readHash(stored: string): PasswordHash | string {
  for (const [format, read] of FORMATS) {
    const [, ...parts] = format.exec(stored) ?? []
    const hash = parts.length === 0 ? null : read(...parts)
    if (hash !== null) return hash
  }
  const prefix = PREFIX.exec(stored)?.[0]
  if (prefix === undefined) return `only ${TAKEN} hashes can be verified`
  if (TAKEN_PREFIX.test(stored)) return `this begins with ${prefix}, but is no whole hash of that kind`
  return `hashes that begin with ${prefix} are not taken, only ${TAKEN}`
}

/** Why a hash cannot be imported; null if it can. A hash that takes seconds could be used to overload the service. */
export function refuseHash(stored: string): string | null {
  const hash = readHash(stored)
  if (typeof hash === 'string') return hash
  if (hash.price <= 1) return null
  return `this hash costs more than a login may: the limit of its kind is ${hash.limit}`
}

const TAKEN = 'argon2, bcrypt, scrypt and PBKDF2'

/** The beginning of a hash. Messages show no more of it, because the rest may be a plain password. */
const PREFIX =
  /^(?:\{[\w.@+-]{1,40}\}|\$[\w-]{1,20}\$|[a-z0-9_-]*(?:md5|sha|crypt|pbkdf2|argon)[a-z0-9_-]*[$:]|!)/i

const TAKEN_PREFIX =
  /^(?:\$?argon2|\$2[aby]\$|bcrypt|\$?scrypt|\$?pbkdf2|\$wp|\{(?:argon2|bcrypt|scrypt|pbkdf2)[@}])/
