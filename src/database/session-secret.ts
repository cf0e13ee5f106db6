import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StartFailure } from '../settings/start-failure.ts'

/**
 * The secret in a file beside the database file. It is made at the first start, or at each start for a database in memory. Only
 * its owner can read the file. Throws `StartFailure` if the file is too short to be a secret.
 */
export function keptSecret(databasePath: string): string {
  if (databasePath === ':memory:') return newSecret()
  const path = join(dirname(databasePath), 'session-secret')
  return readSecret(path) ?? makeSecret(path)
}

function makeSecret(path: string): string {
  const secret = newSecret()
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, path) // atomic: of two processes that start together one wins
    return secret
  } catch (error) {
    const winners = hasCode(error, 'EEXIST') ? readSecret(path) : null
    if (winners === null) throw error
    return winners
  } finally {
    rmSync(draft)
  }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Null if there is no such file. */
function readSecret(path: string): string | null {
  let secret: string
  try {
    secret = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
  if (secret.length < 32)
    throw new StartFailure(
      `${path}: a session secret needs 32 characters or more. Without the file, one is made at the next start.`,
    )
  return secret
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code
}
