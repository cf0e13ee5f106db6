import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SessionCookie } from '../fastify/cookie.ts'
import type { RandomBytes } from '../sessions/token.ts'

/**
 * The device cookie (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). It proves one thing: this browser has
 * signed in to this account before. It opens nothing, and it survives logout.
 */
export type DeviceCookie = {
  /** What tells this device from others; null if it has not signed in as `username` before. */
  read(request: FastifyRequest, username: string): string | null
  /** Gives the device its cookie, or a fresh one when it is getting old. Call it when a login has succeeded. */
  remember(request: FastifyRequest, reply: FastifyReply, username: string): void
}

export function deviceCookie(
  secrets: readonly string[],
  { name, attributes }: SessionCookie,
  random: RandomBytes,
  clock: () => number,
): DeviceCookie {
  const cookieName = `${name}-device`
  const keys = secrets.map((secret) => createHmac('sha256', secret).update('device cookie').digest())

  function read(request: FastifyRequest, username: string): string | null {
    return verify(request.cookies[cookieName], username)?.device ?? null
  }

  function remember(request: FastifyRequest, reply: FastifyReply, username: string): void {
    const known = verify(request.cookies[cookieName], username)
    if (known !== null && clock() < known.issuedAt + RENEW_AFTER) return
    const claims = [
      VERSION,
      known?.device ?? random(12).toString('base64url'),
      clock().toString(36),
    ].join('.')
    const value = `${claims}.${sign(keys[0] as Buffer, claims, username).toString('base64url')}`
    reply.setCookie(cookieName, value, { ...attributes(request), maxAge: LIFE / 1000 })
  }

  function verify(value: string | undefined, username: string) {
    const [, claims = '', device = '', issued = '', mac = ''] = FORM.exec(value ?? '') ?? []
    const given = Buffer.from(mac, 'base64url')
    const signed = keys.some((key) => {
      const expected = sign(key, claims, username)
      return given.length === expected.length && timingSafeEqual(given, expected)
    })
    const issuedAt = Number.parseInt(issued, 36)
    return signed && clock() < issuedAt + LIFE ? { device, issuedAt } : null
  }

  return { read, remember }
}

/** The name is not in the cookie, only in what is signed: it says nothing about its user. */
function sign(key: Buffer, claims: string, username: string): Buffer {
  return createHmac('sha256', key).update(`${claims}\n${username}`).digest()
}

/** version . device . time of issue in base 36 . signature */
const FORM = /^((?:1)\.([\w-]{16})\.([a-z\d]{8,9}))\.([\w-]{43})$/
const VERSION = '1'
const DAY = 86_400_000
/** As long as browsers keep any cookie. */
const LIFE = 400 * DAY
const RENEW_AFTER = 30 * DAY
