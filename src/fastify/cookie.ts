import { type CookieSerializeOptions, Signer } from '@fastify/cookie'
import { parseCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { invalidRequest, Refusal } from '../errors.ts'
import { readToken, type TokenProof } from '../sessions/token.ts'

/** The session cookie: its name, its signature and its attributes, in one place for setting, reading and clearing. */
export type SessionCookie = {
  name: string
  signer: Signer
  /**
   * What the request's cookie proves; null without one, or with one that we did not sign. Throws `invalid_request` for two
   * of them: a page on a neighbouring host can add one of its own, and nobody can tell which is which.
   */
  read(request: FastifyRequest): TokenProof | null
  attributes(request: FastifyRequest): CookieSerializeOptions & { path: string }
  /** Throws `https_required` where a browser would not take the cookie, nor let it be cleared. */
  requireTransport(request: FastifyRequest): void
  /** Has the browser forget the cookie: same attributes as when it was set, or browsers keep a `__Host-` cookie. */
  clear(request: FastifyRequest, reply: FastifyReply): void
}

/** `secrets`: the first signs, all verify, so that a secret can be changed without signing anybody out. */
export function sessionCookie(secrets: readonly string[], secure: 'auto' | 'true'): SessionCookie {
  const name = secure === 'true' ? '__Host-oneseat' : 'oneseat'
  const signer = new Signer([...secrets])
  // A signature that was good stays good, so it is verified once. Only good ones are remembered: guesses push nobody out.
  const verified = new LRUCache<string, TokenProof>({ max: REMEMBERED })

  function read(request: FastifyRequest): TokenProof | null {
    const { cookie } = request.headers
    if (cookie === undefined) return null
    const known = verified.get(cookie)
    if (known !== undefined) return known
    if (countCookies(cookie, name) > 1)
      throw invalidRequest([{ path: '/headers/cookie', message: `has ${name} twice` }])
    const proof = verify(parseCookie(cookie)[name])
    if (proof !== null && cookie.length <= REMEMBERED_LENGTH) verified.set(cookie, proof)
    return proof
  }

  function verify(value: string | undefined): TokenProof | null {
    if (value === undefined) return null
    const unsigned = signer.unsign(value)
    return unsigned.valid ? readToken(unsigned.value) : null
  }

  function attributes(request: FastifyRequest) {
    const overHttps = secure === 'true' || request.protocol === 'https'
    return { path: '/', httpOnly: true, sameSite: 'strict', secure: overHttps } as const
  }

  function requireTransport(request: FastifyRequest): void {
    if (secure === 'true' && request.protocol !== 'https')
      throw new Refusal('https_required', { headers: { upgrade: 'TLS/1.2, HTTP/1.1' } })
  }

  function clear(request: FastifyRequest, reply: FastifyReply): void {
    reply.clearCookie(name, attributes(request))
  }

  return { name, signer, read, attributes, requireTransport, clear }
}

function countCookies(header: string, name: string): number {
  return header.split(';').filter((pair) => pair.split('=', 1)[0]?.trim() === name).length
}

/** Cookie headers whose signature need not be verified again. */
const REMEMBERED = 10_000
/** Nobody is to fill the memory with what else stands in the header. */
const REMEMBERED_LENGTH = 1_024
