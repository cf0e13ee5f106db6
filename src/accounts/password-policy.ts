import { invalidRequest, Refusal } from '../errors.ts'
import { isCommon } from './common-passwords.ts'
import { canonicalUsername } from './username.ts'

/** NIST SP 800-63B-4: at least 15 characters where a password is the only factor; no rules on their kinds. */
export const PASSWORD_MIN = 15
/** An upper bound far above any passphrase, so that bodies stay small. */
export const PASSWORD_MAX = 256

/**
 * Refuses what may not become the password of `username`, a canonical name: `password_too_short`, `password_too_common`
 * (the name itself is), and `invalid_request` for one so long that no login could bring it. Characters are code points.
 */
export function checkNewPassword(password: string, username: string): void {
  if ([...password].length > PASSWORD_MAX) {
    throw invalidRequest([
      { path: '/password', message: `must NOT have more than ${PASSWORD_MAX} characters` },
    ])
  }
  const normal = password.normalize('NFC')
  if ([...normal].length < PASSWORD_MIN) throw new Refusal('password_too_short')
  if (isCommon(normal) || canonicalUsername(normal) === username)
    throw new Refusal('password_too_common')
}
