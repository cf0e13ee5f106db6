import type { Settings } from '../../schemas/settings.ts'
import { type Engines, openEngines } from '../database/engines.ts'
import { SERVICE, type Wanted } from '../database/migrate.ts'
import { createFastify } from '../http/server.ts'
import type { App } from '../http/types.ts'
import { loadDotEnv } from '../settings/dot-env.ts'
import { pointOutMisspelt } from '../settings/misspelt-settings.ts'
import { readSettings } from '../settings/settings.ts'
import { explainToPerson, UsageError } from './explain.ts'

/**
 * Runs `main` as the command `name`. An error is explained on standard error and sets the exit code. `help` is the command that
 * shows the usage.
 */
export async function runCommand(
  { name, help }: { name: string; help: string },
  main: () => Promise<void>,
): Promise<void> {
  try {
    await main()
  } catch (error) {
    process.stderr.write(`${name}: ${explainToPerson(error, help)}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}

/** The server's own settings, from the environment or `.env`. */
export function ownSettings(name: string): Settings {
  loadDotEnv(process.env)
  pointOutMisspelt(name, process.env, process.stderr)
  return readSettings(process.env)
}

type Use = { wanted?: Wanted; withSessions?: boolean }

/** Works over the server's own settings and database; without sessions it also does while Redis is away. */
export async function withEngines(
  name: string,
  { wanted = SERVICE, withSessions = false }: Use,
  work: (engines: Engines, settings: Settings, app: App) => Promise<void>,
): Promise<void> {
  const given = ownSettings(name)
  const settings = withSessions ? given : { ...given, REDIS_URL: '' }
  const app = createFastify({ logLevel: 'silent', trustProxy: [] })
  try {
    await work(await openEngines(app, settings, wanted), settings, app)
  } finally {
    await app.close()
  }
}
