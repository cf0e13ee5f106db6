import { createHash } from 'node:crypto'

/** Random bytes, as `node:crypto` gives them; tests pass their own. */
export type RandomBytes = (size: number) => Buffer

/** What a session cookie proves once its signature has been verified. */
export type TokenProof = {
  /** Says whose record to read, and nothing about the user. */
  handle: string
  /** SHA-256 of the secret, base64url: all that stores ever see of it. */
  secretHash: string
}

/** A user's handle: 96 random bits, made once. */
export function newHandle(random: RandomBytes): string {
  return random(12).toString('base64url')
}

/** A session secret: 256 random bits (ASVS 7.2.3 asks for 128). */
export function newSecret(random: RandomBytes): string {
  return random(32).toString('base64url')
}

/** The public id of a session: names it in lists and logs, opens nothing. */
export function newSessionId(random: RandomBytes): string {
  return random(9).toString('base64url')
}

/** The token that the cookie carries, before it is signed. */
export function formatToken(handle: string, secret: string): string {
  return `${handle}.${secret}`
}

/** What the token proves; null when it has not the form of one we issue. */
export function readToken(token: string): TokenProof | null {
  if (!TOKEN.test(token)) return null
  return { handle: token.slice(0, 16), secretHash: hashSecret(token.slice(17)) }
}

/** SHA-256, base64url: 43 characters. A secret of 256 random bits needs no slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

const TOKEN = /^[\w-]{16}\.[\w-]{43}$/
