import { hash } from 'node:crypto'

/** Random bytes, as `node:crypto` gives them; tests pass their own. */
export type RandomBytes = (size: number) => Buffer

/** What identifies a session in a store. */
export type SessionKey = {
  /** Names the user's record, but says nothing about the user. */
  handle: string
  /** Keyed SHA-256 of the secret, base64url. Stores never see the secret itself. */
  secretHash: string
}

/** Makes a user's handle: 96 random bits. */
export function newHandle(random: RandomBytes): string {
  return random(12).toString('base64url')
}

/** Makes a session secret: 256 random bits (ASVS 7.2.3 asks for 128). */
export function newSecret(random: RandomBytes): string {
  return random(32).toString('base64url')
}

/** Makes the public id of a session. It names the session in lists and logs, and does not authenticate. */
export function newSessionId(random: RandomBytes): string {
  return random(9).toString('base64url')
}

/** Makes the token that the cookie carries. */
export function formatToken(handle: string, secret: string): string {
  return `${handle}.${secret}`
}

/** Handle and secret of a token; null if it has not the form of a token of ours. */
export function readToken(token: string): { handle: string; secret: string } | null {
  return TOKEN.test(token) ? { handle: handleIn(token), secret: token.slice(17) } : null
}

/** The handle in a token of this form. */
export function handleIn(token: string): string {
  return token.slice(0, 16)
}

/**
 * SHA-256 of a key followed by the secret, base64url: 43 characters. A secret of 256 random bits needs no slow hash. Because all
 * secrets have the same length, the key in front makes this a keyed hash, which nobody can forge without the key.
 */
export function hashSecret(key: string, secret: string): string {
  return hash('sha256', key + secret, 'base64url')
}

const TOKEN = /^[\w-]{16}\.[\w-]{43}$/
