import { readFileSync, statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { SettingsError } from './settings.ts'

/**
 * Puts what is in the file `.env` of the current directory, if there is one, into `env`; what is set there stays. Throws
 * `SettingsError` if it is not text.
 */
export function loadDotEnv(env: Record<string, string | undefined>): void {
  if (!statSync('.env', { throwIfNoEntry: false })?.isFile()) return
  const given = parseEnv(decode(readFileSync('.env')))
  for (const [name, value] of Object.entries(given)) env[name] ??= value
}

/** Leaves out a byte order mark, which would be taken for the first letter of a name. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SettingsError('.env: this file is not text in UTF-8.')
  }
}
