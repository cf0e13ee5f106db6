import type { FastifyRequest } from 'fastify'
import { Refusal } from '../errors.ts'
import { isKey, readBearer, refuseBrowser } from '../fastify/bearer.ts'
import type { SessionCookie } from '../fastify/cookie.ts'
import type { Keys, Scope, ServiceKey } from './keys.ts'
import { hashServiceKey, isServiceKey } from './service-key.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The service key of this request; null if it has none. */
    serviceKey: ServiceKey | null
  }
}

/** Looks up the service key of a request; null if it has none. Throws if the key is not valid. */
export type ReadKey = (request: FastifyRequest) => Promise<ServiceKey | null>

/** Makes that look-up. `countInvalid` throws `too_many_attempts` if too many keys from one address were wrong. */
export function keyReader(
  keys: Keys,
  cookie: SessionCookie,
  countInvalid: (address: string) => Promise<void>,
): ReadKey {
  return async (request) => {
    const bearer = readBearer(request)
    if (bearer === null || !isKey(bearer)) return null
    if (cookie.read(request) !== null) throw new Refusal('ambiguous_credentials')
    refuseBrowser(request)
    const key = isServiceKey(bearer) ? await keys.find(hashServiceKey(bearer)) : null
    if (key !== null) return key
    await countInvalid(request.ip) // before it is logged, so that a flood does not fill the log
    request.log.info({ event: 'invalid_key', ip: request.ip }, 'a service key was refused')
    throw new Refusal('invalid_key', { headers: CHALLENGE })
  }
}

/** Makes the hook that lets only requests with a key of this scope pass. */
export function requireKey(readKey: ReadKey, scope: Scope) {
  return async function requireKey(request: FastifyRequest): Promise<void> {
    const key = await readKey(request)
    if (key === null) throw new Refusal('unauthenticated', { detail: KEY_NEEDED, headers: CHALLENGE })
    request.serviceKey = requireScope(key, scope)
  }
}

/** Makes the hook that lets requests with a key of this scope pass. Requests without a key are checked by `others`. */
export function requireKeyOr(
  readKey: ReadKey,
  scope: Scope,
  others: (request: FastifyRequest) => Promise<void>,
) {
  return async function requireKeyOrOther(request: FastifyRequest): Promise<void> {
    const key = await readKey(request)
    if (key === null) await others(request)
    else request.serviceKey = requireScope(key, scope)
  }
}

function requireScope(key: ServiceKey, scope: Scope): ServiceKey {
  if (key.scope === scope) return key
  throw new Refusal('forbidden', {
    detail: `This key is for ${key.scope}; this call needs one for ${scope}.`,
  })
}

const CHALLENGE = { 'www-authenticate': 'Bearer realm="oneseat"' }
const KEY_NEEDED = 'This call needs a service key, as Authorization: Bearer osk_…'
