import { invalidRequest, Refusal } from '../errors.ts'
import { whyGuessable } from './password-strength.ts'

/** NIST SP 800-63B-4: at least 15 characters if a password is the only factor, and no rules on kinds of characters. */
export const PASSWORD_MIN = 15
/** An upper limit far above any passphrase, so that bodies stay small. */
export const PASSWORD_MAX = 256

/**
 * Throws if this must not become the password of `username`, a canonical name: `password_too_short`, `password_too_common` (easy
 * to guess; the detail says why), or `invalid_request` (longer than a login can send). Characters are code points.
 */
export async function checkNewPassword(password: string, username: string): Promise<void> {
  if ([...password].length > PASSWORD_MAX) {
    throw invalidRequest([
      { path: '/password', message: `must NOT have more than ${PASSWORD_MAX} characters` },
    ])
  }
  if ([...password.normalize('NFC')].length < PASSWORD_MIN) throw new Refusal('password_too_short')
  const reason = await whyGuessable(password, username)
  if (reason !== null) {
    throw new Refusal('password_too_common', {
      detail: `This password is easy to guess: ${reason}. Choose another, such as a few words that nobody would put together.`,
    })
  }
}
