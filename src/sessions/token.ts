import { hash } from 'node:crypto'

/** Random bytes, as `node:crypto` gives them; tests pass their own. */
export type RandomBytes = (size: number) => Buffer

/** What identifies a session in a store, once its secret was seen. */
export type SessionKey = {
  /** Says whose record to read, and nothing about the user. */
  handle: string
  /** Keyed SHA-256 of the secret, base64url: all that stores ever see of it. */
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

/** The token that the cookie carries. */
export function formatToken(handle: string, secret: string): string {
  return `${handle}.${secret}`
}

/** Handle and secret of a token; null when it has not the form of one we issue. */
export function readToken(token: string): { handle: string; secret: string } | null {
  return TOKEN.test(token) ? { handle: handleIn(token), secret: token.slice(17) } : null
}

/** The handle in a token of this form. */
export function handleIn(token: string): string {
  return token.slice(0, 16)
}

/**
 * SHA-256 of a key and the secret, base64url: 43 characters. A secret of 256 random bits needs no slow hash. All secrets are
 * of one length, so a key in front makes it a keyed hash, and a hash that we did not make proves nothing.
 */
export function hashSecret(key: string, secret: string): string {
  return hash('sha256', key + secret, 'base64url')
}

const TOKEN = /^[\w-]{16}\.[\w-]{43}$/
