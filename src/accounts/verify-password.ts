import type { PasswordHash } from './hash-functions.ts'
import type { RefusedWork } from './refused-work.ts'
import { readHash } from './stored-hash.ts'

/** What came of a password. `replaceable`: a hash made today may take the place of the stored one, and should. */
export type Match = { matches: boolean; replaceable: boolean }

/**
 * Compares a password with a stored hash. If they do not match, or the login is `refused` for another reason, all the work
 * of a refused login is done; also for null (an unknown user) and for a stored hash that cannot be read.
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
      if (matches === null) break // what is stored cannot be computed, and so cost nothing
      done += hash.work
      if (matches && !refused) return { matches, replaceable: isReplaceable(hash, form) }
      if (matches) break
    }
  }
  await refusedWork.finish(hash, done, forms.all.length)
  return { matches: false, replaceable: false }

  /** Not if this may be less than the whole password, or another one: a typing error would become the password. */
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
 * The forms of a password that a stored hash may have been made of, at most four. Ours are made of the first one. Other
 * systems took what a keyboard sent, composed (`é` as one character) or not, or made wide and narrow letters the same.
 */
function formsOf(password: string): { canonical: string[]; all: string[] } {
  const canonical = [...new Set([normalize(password), password, password.normalize('NFD')])]
  return { canonical, all: [...new Set([...canonical, password.normalize('NFKC')])] }
}

/** NFC, the one change made to a password before hashing: `é` typed on two keyboards is one letter. Never trimmed. */
export function normalize(password: string): string {
  return password.normalize('NFC')
}
