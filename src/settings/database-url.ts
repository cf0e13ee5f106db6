/**
 * Why a `DATABASE_URL` would be read in another way than it was meant, as a sentence; null if it would not. The sentence repeats
 * no part of the URL, which contains a password.
 */
export function databaseUrlProblem(url: string): string | null {
  return url.startsWith('file:') ? filePathProblem(url.slice('file:'.length)) : postgresUrlProblem(url)
}

/**
 * The path is used as it is. Characters with a meaning in URLs only would become part of the file name, and make a new database.
 */
function filePathProblem(path: string): string | null {
  if (/[?#]/.test(path)) return 'a file takes no options: write `file:` and its path, without ? and #.'
  if (/%[\da-f]{2}/i.test(path))
    return 'write the path of the file as it is; nothing in it is percent-encoded.'
  if (/^\/\/[^/]/.test(path))
    return 'write `file:` and the path of the file, such as `file:./data/oneseat.db` or `file:/data/oneseat.db`.'
  if (/(^|\/)\.{0,2}$/.test(path)) return 'this names a directory: write the path of a file.'
  return null
}

/** A character with a meaning in URLs ends the password; the rest is taken for a host or is lost. */
function postgresUrlProblem(text: string): string | null {
  const url = text.replace('@/', '@localhost/') // `?host=` alone names a Unix socket
  if (!URL.canParse(url)) return `this URL cannot be read. ${ENCODE}`
  const { hash, username, password, pathname, search } = new URL(url)
  // An `@` may only stand before the host.
  const isWhole = hash === '' && !url.endsWith('#') && !`${pathname}${search}`.includes('@')
  const isEncoded = [username, password, pathname].every(canDecode)
  return isWhole && isEncoded ? null : `a character in it has to be percent-encoded. ${ENCODE}`
}

function canDecode(text: string): boolean {
  try {
    return decodeURIComponent(text) !== null
  } catch {
    return false
  }
}

const ENCODE =
  'In names and passwords, percent-encode everything but letters and digits: # is %23, ? is %3F, / is %2F, @ is %40 and % is %25.'
