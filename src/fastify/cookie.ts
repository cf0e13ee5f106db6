import { Signer } from '@fastify/cookie'
import { stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { invalidRequest, Refusal } from '../errors.ts'

/** The session cookie: its name and attributes, and how it is read, set and cleared. */
export type SessionCookie = {
  name: string
  /**
   * The token in the request's cookie; null if there is none, or if it has not the form of a token. Throws `invalid_request` for
   * two cookies of this name: a page on a sibling host can add one, and nothing tells them apart. `tokenReader` also reads the
   * token of a native app.
   */
  read(request: Pick<FastifyRequest, 'headers'>): string | null
  attributes(request: Pick<FastifyRequest, 'protocol'>): CookieAttributes
  /**
   * The attributes for a new session. `Max-Age` is added to `Expires` so that a client with a wrong clock keeps the cookie as
   * long.
   */
  attributesFor(
    request: Pick<FastifyRequest, 'protocol'>,
    issued: Issued,
  ): CookieAttributes & { expires: Date; maxAge: number }
  /** Throws `https_required` if a browser would neither store nor clear the cookie over this connection. */
  requireTransport(request: FastifyRequest): void
  /**
   * Has the browser delete the cookie. The attributes are the same as when it was set, or browsers would keep a `__Host-` cookie.
   */
  clear(request: FastifyRequest, reply: FastifyReply): void
  /** The value of the `Set-Cookie` header for a new session. */
  lineFor(request: Pick<FastifyRequest, 'protocol'>, issued: Issued): string
}

/** What a cookie is made of. */
export type Issued = {
  token: string
  session: { expiresAt: number; lastSeenAt: number }
}

type CookieAttributes = {
  path: '/'
  httpOnly: true
  sameSite: 'lax' | 'strict'
  secure: boolean
  domain?: string
}

export type CookieOptions = {
  /** Needed only to verify cookies of versions before the first release, which were signed. */
  secrets: readonly string[]
  name: string
  secure: 'auto' | 'true'
  sameSite: 'lax' | 'strict'
  domain: string | null
}

export function sessionCookie({
  secrets,
  name: given,
  secure,
  sameSite,
  domain,
}: CookieOptions): SessionCookie {
  const prefix = secure !== 'true' ? '' : domain === null ? '__Host-' : '__Secure-'
  const name = prefix + given
  const signer = new Signer([...secrets])

  function read(request: Pick<FastifyRequest, 'headers'>): string | null {
    const { cookie } = request.headers
    if (cookie === undefined) return null
    const value = findValue(cookie, name)
    if (value === null || value.length === TOKEN_LENGTH) return value
    return readSigned(value)
  }

  /** Reads a cookie from before the first release, which had a signature. Such sessions stay valid until they end. */
  function readSigned(value: string): string | null {
    if (value.length > SIGNED_MAX || (value[TOKEN_LENGTH] !== '.' && value[TOKEN_LENGTH] !== '%'))
      return null
    const unsigned = signer.unsign(decodePercent(value))
    return unsigned.valid ? unsigned.value : null
  }

  function attributes(request: Pick<FastifyRequest, 'protocol'>) {
    const overHttps = secure === 'true' || request.protocol === 'https'
    const options = { path: '/', httpOnly: true, sameSite, secure: overHttps } as const
    return domain === null ? options : { ...options, domain }
  }

  function attributesFor(request: Pick<FastifyRequest, 'protocol'>, { session }: Issued) {
    const expires = new Date(session.expiresAt)
    const maxAge = Math.max(1, Math.round((session.expiresAt - session.lastSeenAt) / 1000))
    return { ...attributes(request), expires, maxAge }
  }

  function requireTransport(request: FastifyRequest): void {
    if (secure === 'true' && request.protocol !== 'https')
      throw new Refusal('https_required', { headers: { upgrade: 'TLS/1.2, HTTP/1.1' } })
  }

  function clear(request: FastifyRequest, reply: FastifyReply): void {
    const gone = { ...attributes(request), expires: new Date(0), maxAge: 0 }
    reply.header('set-cookie', stringifySetCookie({ name, value: '', ...gone }))
  }

  function lineFor(request: Pick<FastifyRequest, 'protocol'>, issued: Issued): string {
    return stringifySetCookie({ name, value: issued.token, ...attributesFor(request, issued) })
  }

  return { name, read, attributes, attributesFor, requireTransport, clear, lineFor }
}

/**
 * The value of the only cookie of this name in a header, not decoded; null if there is none. Throws if there are two. A spelling
 * that only other programs accept counts as well: `name =value`, or `name` alone.
 */
function findValue(header: string, name: string): string | null {
  let value: string | null = null
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + 1)) {
    const behind = at + name.length
    const next = skipSpaces(header, behind, 1)
    const isWhole = next === header.length || header[next] === '=' || header[next] === ';'
    if (!isWhole || !startsAt(header, at)) continue
    if (value !== null) {
      throw invalidRequest([{ path: '/headers/cookie', message: `has ${name} twice` }])
    }
    const end = header.indexOf(';', behind)
    const to = skipSpaces(header, (end < 0 ? header.length : end) - 1, -1) + 1
    value = header[behind] === '=' ? header.slice(behind + 1, to) : ''
  }
  return value === '' ? null : value
}

/** Whether a cookie begins there: at the start of the header, or after `;` and any spaces. */
function startsAt(header: string, at: number): boolean {
  const before = skipSpaces(header, at - 1, -1)
  return before < 0 || header[before] === ';'
}

/** The next place in this direction without a space or tab. */
function skipSpaces(header: string, from: number, direction: 1 | -1): number {
  let at = from
  while (header[at] === ' ' || header[at] === '\t') at += direction
  return at
}

function decodePercent(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}

/** Handle, dot and secret. */
const TOKEN_LENGTH = 16 + 1 + 43
/** With a dot and a signature of 43 characters, each of which may be percent-encoded. */
const SIGNED_MAX = TOKEN_LENGTH + 3 + 3 * 44
