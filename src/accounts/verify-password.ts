import type { PasswordHash } from './hash-functions.ts'
import type { RefusedWork } from './refused-work.ts'
import { readHash } from './stored-hash.ts'

/** The result of a password check. `replaceable`: a new hash should replace the stored one. */
export type Match = { matches: boolean; replaceable: boolean }

/**
 * Compares a password with a stored hash. If they do not match, or the login is `refused` for another reason, this does all the
 * work of a refused login. It does so too for null (an unknown user) and for a hash that cannot be read.
 */
export async function verifyPassword(
  { stored, password, refused }: { stored: string | null; password: string; refused: boolean },
  today: PasswordHash,
  refusedWork: RefusedWork,
): Promise<Match> {
  const forms = formsOf(password)
  const hash = readStored(stored)
  let done = 0
  if (hash !== null) {
    refusedWork.learn(hash)
    for (const form of isOfToday(hash, today) ? forms.canonical : forms.all) {
      const matches = await hash.matches(form).catch(() => null)
      if (matches === null) break // this hash cannot be computed, so no work was done
      done += hash.work
      if (matches && !refused) return { matches, replaceable: isReplaceable(hash, form) }
      if (matches) break
    }
  }
  await refusedWork.finish(hash, done, forms.all.length)
  return { matches: false, replaceable: false }

  /** False if this may not be the exact password: a typing error would become part of the password. */
  function isReplaceable(hash: PasswordHash, form: string): boolean {
    const isOurs = isOfToday(hash, today) && form === forms.canonical[0]
    return !isOurs && forms.canonical.includes(form) && hash.isWhole(form)
  }
}

function readStored(stored: string | null): PasswordHash | null {
  const hash = stored === null ? null : readHash(stored)
  return typeof hash === 'string' ? null : hash
}

function isOfToday(hash: PasswordHash, today: PasswordHash): boolean {
  return hash.family === today.family && hash.work === today.work
}

/**
 * The forms of a password that a stored hash may be made from, at most four. Our hashes use the first. Other systems used what
 * the keyboard sent, composed (`é` as one character) or not, or made wide and narrow letters equal.
 */
function formsOf(password: string): { canonical: string[]; all: string[] } {
  const canonical = [...new Set([normalize(password), password, password.normalize('NFD')])]
  return { canonical, all: [...new Set([...canonical, password.normalize('NFKC')])] }
}

/**
 * The NFC form, so that `é` from two keyboards is the same. This is the only change of a password before hashing; it is never
 * trimmed.
 */
export function normalize(password: string): string {
  return password.normalize('NFC')
}
