import { readFileSync, statSync } from 'node:fs'
import { parseEnv } from 'node:util'

/** Puts what is in the file `.env` of the current directory, if there is one, into `env`; what is set there stays. */
export function loadDotEnv(env: Record<string, string | undefined>): void {
  if (!statSync('.env', { throwIfNoEntry: false })?.isFile()) return
  // Some editors begin a file with a byte order mark, which would be taken for the first letter of a name.
  const given = parseEnv(readFileSync('.env', 'utf8').replace(/^\ufeff/, ''))
  for (const [name, value] of Object.entries(given)) env[name] ??= value
}
