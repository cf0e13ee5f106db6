import { dictionary } from '@zxcvbn-ts/language-common'
import { PUBLISHED } from './published-passwords.ts'

/**
 * Whether a whole password, upper and lower case alike, is on a list that attackers try first (ASVS 6.2.4, NIST SP
 * 800-63B-4 §3.1.1.2). Only entries that are long enough to be chosen at all are kept in memory.
 */
export function isCommon(password: string): boolean {
  return COMMON.has(password.toLowerCase())
}

const COMMON = new Set(
  [...dictionary['passwords-common'], ...PUBLISHED].filter((entry) => entry.length >= 15),
)
