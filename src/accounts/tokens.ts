import { hash } from 'node:crypto'

/** What a one-time token is for. It is good for this and for nothing else. */
export type Purpose = 'reset' | 'confirm' | 'invitation'

/** A one-time token as it is kept: its hash, so that nobody who reads the database can use it. */
export type KeptToken = {
  hash: string
  purpose: Purpose
  /** Whose it is; of an invitation the administrator who made it, if it was one. */
  userId: string | null
  data: TokenData
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** What it is good for: the address that it confirms, or the name and the roles of whom it invites. */
export type TokenData = {
  email?: string
  /** The password that it was asked for with: it is void under any other. */
  credentialNumber?: number
  username?: string
  roles?: readonly string[]
}

/** How a token is looked for. 256 random bits need no slow hash, and no key. */
export function hashToken(token: string): string {
  return hash('sha256', `oneseat token ${token}`, 'base64url')
}
