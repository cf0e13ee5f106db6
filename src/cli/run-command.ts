import type { Settings } from '../../schemas/settings.ts'
import type { Engines } from '../database/engines.ts'
import type { App } from '../http/types.ts'
import { loadDotEnv } from '../settings/dot-env.ts'
import { pointOutMisspelt } from '../settings/misspelt-settings.ts'
import { readSettings } from '../settings/settings.ts'
import { explainToPerson, UsageError } from './explain.ts'

/** Does what `main` does, as the command `name`. What goes wrong is told on standard error, and by the exit code. `help` shows how it is used. */
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

type Use = { make: boolean; withSessions?: boolean }

/**
 * Works over the server's own settings and database; without sessions it also does while Redis is away. The service is loaded
 * here: who has mistyped a command, or asks how it is used, does not wait for it.
 */
export async function withEngines(
  name: string,
  { make, withSessions = false }: Use,
  work: (engines: Engines, settings: Settings, app: App) => Promise<void>,
): Promise<void> {
  const given = ownSettings(name)
  const settings = withSessions ? given : { ...given, REDIS_URL: '' }
  const [{ createFastify }, { openEngines }, { SERVICE }] = await Promise.all([
    import('../http/server.ts'),
    import('../database/engines.ts'),
    import('../database/migrate.ts'),
  ])
  const app = createFastify({ logLevel: 'silent', trustProxy: [] })
  try {
    await work(await openEngines(app, settings, { ...SERVICE, make }), settings, app)
  } finally {
    await app.close()
  }
}
