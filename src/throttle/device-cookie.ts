import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SessionCookie } from '../fastify/cookie.ts'

/** What a device cookie is bound to: an account, and the login number at which its password was last set. */
export type Credential = {
  id: string
  username: string
  credentialNumber: number
  /** Cookies from this time are invalid, milliseconds since 1970. */
  disputed?: { from: number; until: number } | null
}

/**
 * The device cookie (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). It proves that this browser has signed in
 * to this account with the current password. It does not sign anybody in, and it stays after a logout.
 */
export type DeviceCookie = {
  /** For a native app without cookies: the value that it sent instead. The answer then sets no device cookie. */
  present(request: FastifyRequest, value: string | null): void
  /**
   * Which of the known devices of `username` this is; null if it has not signed in with the current password. `find` reads the
   * account. It is called only if the cookie is for this name, so the time it takes tells strangers nothing about names.
   */
  recognise(
    request: FastifyRequest,
    username: string,
    find: (username: string) => Promise<Credential | null>,
  ): Promise<string | null>
  /**
   * An id that distinguishes this device from the account's others, from its cookie or from the one that `remember` will set; and
   * whether it had a cookie.
   */
  identify(request: FastifyRequest, account: Credential): { id: string; known: boolean }
  /** When this device got its cookie, milliseconds since 1970, even if the password has changed since; null if it has none. */
  issuedAt(request: FastifyRequest, username: string): number | null
  /**
   * Makes the answer to this request set the device cookie, or a new one if it is old or the password has changed. Call it after
   * a login with number `loginNumber`, or after a change of password. Gives the value.
   */
  remember(request: FastifyRequest, account: Credential, loginNumber: number): string
  /** The `onSend` hook that sets the cookie, after the session cookie, which clients may expect first. */
  send(request: FastifyRequest, reply: FastifyReply): Promise<void>
}

export function deviceCookie(
  secrets: readonly string[],
  { name, attributes }: SessionCookie,
  clock: () => number,
): DeviceCookie {
  const cookieName = `${name}-device`
  const keys = secrets.map((secret) => createHmac('sha256', secret).update('device cookie').digest())
  const toSend = new WeakMap<FastifyRequest, string>()
  const presented = new WeakMap<FastifyRequest, string | null>()
  const issuing = new WeakMap<FastifyRequest, number>()

  async function recognise(
    request: FastifyRequest,
    username: string,
    find: (username: string) => Promise<Credential | null>,
  ): Promise<string | null> {
    const read = readCookie(request, username)
    if (read === null) return null
    const account = await find(username)
    return account !== null && isOf(read, account) ? read.place : null
  }

  function identify(request: FastifyRequest, account: Credential): { id: string; known: boolean } {
    const read = readCookie(request, account.username)
    const known = read !== null && isOf(read, account)
    return { id: (known ? read.issuedAt : issueAt(request)).toString(36), known }
  }

  /** All cookies of one request have the same time. */
  function issueAt(request: FastifyRequest): number {
    const at = issuing.get(request) ?? clock()
    issuing.set(request, at)
    return at
  }

  function remember(request: FastifyRequest, account: Credential, loginNumber: number): string {
    const given = valueIn(request)
    const read = readCookie(request, account.username)
    const known = read !== null && isOf(read, account) ? read : null
    if (known !== null && clock() < known.issuedAt + RENEW_AFTER) return given
    const place = known?.place ?? String(loginNumber % PLACES)
    const claims = [VERSION, place, issueAt(request).toString(36)].join('.')
    const key = keys[0] as Buffer
    const credential = macOf(key, claims, credentialOf(account))
    const signed = `${claims}.${credential}`
    const value = `${signed}.${macOf(key, signed, account.username)}`
    if (!presented.has(request)) toSend.set(request, value)
    return value
  }

  async function send(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const value = toSend.get(request)
    if (value === undefined) return
    reply.setCookie(cookieName, value, { ...attributes(request), maxAge: LIFE / 1000 })
  }

  function valueIn(request: FastifyRequest): string {
    const value = presented.has(request) ? presented.get(request) : request.cookies[cookieName]
    return value ?? ''
  }

  /** The content of the cookie, if one of our keys signed it for this name and it is not too old. */
  function readCookie(request: FastifyRequest, username: string): Read | null {
    const parts = FORM.exec(valueIn(request))
    if (parts === null) return null
    const [, signed = '', claims = '', place = '', issued = '', credential = '', mac = ''] = parts
    const key = keys.find((candidate) => isEqual(mac, macOf(candidate, signed, username)))
    const issuedAt = Number.parseInt(issued, 36)
    if (key === undefined || clock() >= issuedAt + LIFE) return null
    return { key, claims, place, issuedAt, credential }
  }

  function issuedAt(request: FastifyRequest, username: string): number | null {
    return readCookie(request, username)?.issuedAt ?? null
  }

  const present: DeviceCookie['present'] = (request, value) => void presented.set(request, value)
  return { present, recognise, identify, issuedAt, remember, send }
}

/** When a device got its cookie, milliseconds since 1970, by the `id` that `identify` gives it. */
export function issuedAtOf(id: string): number {
  return Number.parseInt(id, 36)
}

type Read = { key: Buffer; claims: string; place: string; issuedAt: number; credential: string }

function isOf({ key, claims, credential, issuedAt }: Read, account: Credential): boolean {
  const { from, until } = account.disputed ?? NEVER
  if (issuedAt >= from && issuedAt <= until) return false
  return isEqual(credential, macOf(key, claims, credentialOf(account)))
}

function credentialOf({ id, credentialNumber }: Credential): string {
  return `${id} ${credentialNumber}`
}

/** Name, account and credential are signed but not in the cookie, so the cookie says nothing about its user. */
function macOf(key: Buffer, claims: string, subject: string): string {
  return createHmac('sha256', key).update(`${claims}\n${subject}`).digest('base64url')
}

function isEqual(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
}

const NEVER = { from: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY }

/** version . place . time of issue in base 36 . MAC of the credential . MAC of all this for the name */
const FORM = /^((2\.(\d)\.([a-z\d]{8,9}))\.([\w-]{43}))\.([\w-]{43})$/
const VERSION = '2'
/**
 * How many known devices of an account have counters of their own. Further devices share these in turn, so the number of attempts
 * is limited, however many devices there are.
 */
export const PLACES = 10
const DAY = 86_400_000
/** The longest time for which browsers keep a cookie. */
const LIFE = 400 * DAY
const RENEW_AFTER = 30 * DAY
