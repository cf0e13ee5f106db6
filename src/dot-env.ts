import { statSync } from 'node:fs'

/** Puts what is in the file `.env` of the current directory, if there is one, into the environment; what is set there stays. */
export function loadDotEnv(): void {
  if (statSync('.env', { throwIfNoEntry: false })?.isFile()) process.loadEnvFile('.env')
}
