import { invalidRequest } from '../errors.ts'
import { canonicalUsername, USERNAME_RULE } from './username.ts'

/** The canonical form of a name for a new account. Throws `invalid_request` if the name is not allowed. */
export function requireNewUsername(name: string): string {
  const canonical = canonicalUsername(name)
  const problem = canonical === null ? USERNAME_RULE : refuseNewName(canonical)
  if (canonical === null || problem !== null) {
    throw invalidRequest([{ path: '/username', message: problem ?? USERNAME_RULE }])
  }
  return canonical
}

/**
 * Why no new account may have this canonical name; null if one may. The rules are those of UTS 39 (Unicode Security Mechanisms):
 * letters of recommended scripts, of one script only (§5.2, highly restrictive), digits of one kind only (§5.3), and marks that
 * belong to a letter (§5.4). In a mail address each part is checked separately, as browsers do with the labels of a host.
 */
export function refuseNewName(canonical: string): string | null {
  if (Buffer.byteLength(canonical) > MAX_BYTES)
    return `must NOT have more than ${MAX_BYTES} bytes in UTF-8`
  if (!ALLOWED.test(canonical)) return 'must be of letters, digits and the signs of a keyboard only'
  if (STRAY_MARK.test(canonical.normalize('NFD')))
    return 'must have no accents without a letter, and none twice'
  for (const part of partsOf(canonical)) {
    if (!PROFILES.some((profile) => profile.test(part))) {
      return 'must not mix alphabets, such as Latin and Cyrillic letters'
    }
    if (digitKinds(part) > 1) return 'must not mix digits of several alphabets'
  }
  return null
}

/** The parts of a mail address; any other name is one part. */
function partsOf(canonical: string): string[] {
  const at = canonical.lastIndexOf('@')
  return at < 0 ? [canonical] : [canonical.slice(0, at), ...canonical.slice(at + 1).split('.')]
}

/** The kinds of digits in a part. The ten digits of a kind are in the same block of sixteen code points. */
function digitKinds(part: string): number {
  const digits = part.match(/\p{Nd}/gv) ?? []
  return new Set(digits.map((digit) => (digit.codePointAt(0) ?? 0) >> 4)).size
}

/** A name can be the cursor of a page. It has to fit into a request target even if each byte is written as `%xx`. */
const MAX_BYTES = 512

/** UAX 31, table 5: the scripts in common modern use. */
const SCRIPTS = (
  'Latin Cyrillic Greek Arabic Armenian Bengali Bopomofo Devanagari Ethiopic Georgian Gujarati Gurmukhi Han Hangul Hebrew ' +
  'Hiragana Kannada Katakana Khmer Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
).split(' ')

/** Scripts that may be mixed, by the highly restrictive level of UTS 39. */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
]

/** ASCII without its letters (they are Latin), and other characters that UTS 39 allows in every script. */
const SHARED = String.raw`[[\x21-\x7e]--[a-z]]\u00b7\u02bb\u02bc\u02ec\u2010\u2019\u2027`

/**
 * The blocks of marks for any letter, and those marks in them that UTS 39 allows. The others are for phonetics and similar uses.
 */
const ANY_MARKS = String.raw`\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f`
const MARKS = String.raw`\u0300-\u0304\u0306-\u030c\u030f-\u0311\u0313\u0314\u031b\u0323-\u0328\u032d\u032e\u0330\u0331\u0335\u0338\u0339\u0342\u0345`

/** A character class of the letters, digits and marks of these scripts. */
function ofScripts(scripts: readonly string[]): string {
  const own = scripts.map((script) => String.raw`\p{Script_Extensions=${script}}`).join('')
  return String.raw`[[[\p{XID_Continue}\u058a\u05f3\u05f4\u0f0b]--[${ANY_MARKS}]]&&[${own}]]`
}

const ALLOWED = new RegExp(`^[${SHARED}${MARKS}${ofScripts(SCRIPTS)}]+$`, 'v')
const PROFILES = [...SCRIPTS.map((script) => [script]), ...TOGETHER].map(
  (scripts) => new RegExp(`^[${SHARED}${MARKS}${ofScripts(scripts)}]*$`, 'v'),
)
/** A mark without a letter before it, a mark twice, or more than four marks on one letter (UTS 39 §5.4). */
const STRAY_MARK = /(?:^|[^\p{L}\p{M}\p{N}])\p{M}|(\p{Mn})\1|\p{Mn}{5}/v
