import { invalidRequest } from '../errors.ts'

/**
 * The one form under which a name is stored, compared and shown: without white space around it, NFKC, lower case, NFKC
 * again (after RFC 8265, UsernameCaseMapped). Null if it is no name: empty, over 254 characters (the longest address of
 * RFC 5321), or with anything invisible in it (spaces, controls, zero-width and bidirectional characters).
 *
 * New names have to fulfil more (`name-profile.ts`). An account that is older than those rules still signs in.
 */
export function canonicalUsername(name: string): string | null {
  const canonical = name.trim().normalize('NFKC').toLowerCase().normalize('NFKC')
  return USERNAME.test(canonical) ? canonical : null
}

/** The canonical form, or `invalid_request` naming the field. */
export function requireUsername(name: string): string {
  const canonical = canonicalUsername(name)
  if (canonical === null) throw invalidRequest([{ path: '/username', message: USERNAME_RULE }])
  return canonical
}

/** What a username has to be, in words. */
export const USERNAME_RULE = 'must be 1 to 254 visible characters without spaces'

/**
 * Letters, marks, numbers, punctuation and symbols, counted in code points. Some of them are blank all the same (fillers,
 * joiners, variation selectors, the empty Braille pattern): `ann` is not to have a twin.
 */
const USERNAME = /^[[\p{L}\p{M}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u2800]]{1,254}$/v
