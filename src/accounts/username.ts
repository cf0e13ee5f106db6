import { invalidRequest } from '../errors.ts'

/**
 * The canonical form in which a name is stored, compared and shown: without white space around it, NFKC, lower case, NFKC again
 * (after RFC 8265, UsernameCaseMapped). Null if it is not a name: empty, over 254 characters (the longest address of RFC 5321),
 * or with invisible characters (spaces, controls, zero-width and bidirectional characters).
 *
 * New names have more rules (`name-profile.ts`). An account that is older than those rules can still sign in.
 */
export function canonicalUsername(name: string): string | null {
  const canonical = name.trim().normalize('NFKC').toLowerCase().normalize('NFKC')
  return USERNAME.test(canonical) ? canonical : null
}

/** The canonical form. Throws `invalid_request` if it is not a name. */
export function requireUsername(name: string): string {
  const canonical = canonicalUsername(name)
  if (canonical === null) throw invalidRequest([{ path: '/username', message: USERNAME_RULE }])
  return canonical
}

/** The rule for usernames in words. */
export const USERNAME_RULE = 'must be 1 to 254 visible characters without spaces'

/**
 * Letters, marks, numbers, punctuation and symbols, counted in code points. Those that show nothing are excluded (fillers,
 * joiners, variation selectors, the empty Braille pattern): no other name may look like `ann`.
 */
const USERNAME = /^[[\p{L}\p{M}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]{1,254}$/v
