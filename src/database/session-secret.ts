import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { StartFailure } from '../settings/start-failure.ts'

/**
 * The secret kept beside the database file, made at the first start; of a database in memory, made at each. Readable by
 * the owner only. Throws `StartFailure` if what is there is too short to be one.
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
    linkSync(draft, path) // whole or not at all; of two processes that start together, one wins
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
