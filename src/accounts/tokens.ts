import { hash } from 'node:crypto'

/** The purpose of a one-time token. It works for nothing else. */
export type Purpose = 'reset' | 'confirm' | 'invitation'

/** A one-time token as it is stored: only its hash, so that nobody who reads the database can use it. */
export type KeptToken = {
  hash: string
  purpose: Purpose
  /** Its owner; for an invitation the administrator who made it, or null if a program did. */
  userId: string | null
  data: TokenData
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** The address that it confirms, or the name and roles of the invited person. */
export type TokenData = {
  email?: string
  /** The credential number when it was made. If the password has changed since, the token is invalid. */
  credentialNumber?: number
  username?: string
  roles?: readonly string[]
}

/** The hash by which a token is found. 256 random bits need no slow hash and no key. */
export function hashToken(token: string): string {
  return hash('sha256', `oneseat token ${token}`, 'base64url')
}
