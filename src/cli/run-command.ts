import type { Settings } from '../../schemas/settings.ts'
import type { Engines } from '../database/engines.ts'
import type { App } from '../http/types.ts'
import { loadDotEnv } from '../settings/dot-env.ts'
import { pointOutMisspelt } from '../settings/misspelt-settings.ts'
import { readSettings } from '../settings/settings.ts'
import { StartFailure } from '../settings/start-failure.ts'
import { explainToPerson, UsageError } from './explain.ts'

/**
 * Runs `main` as the command `name`. An error is explained on standard error and sets the exit code. `help` is the command that
 * shows the usage.
 */
export async function runCommand(
  { name, help }: { name: string; help: string },
  main: () => Promise<void>,
): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0) // whoever reads has read enough
    process.stderr.write(`${name}: ${explainToPerson(error, help)}\n`)
    process.exit(1)
  })
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
    const engines = await openEngines(app, settings, { ...SERVICE, make })
    if (withSessions && given.REDIS_URL === '') await refuseOtherPlace(engines)
    await work(engines, settings, app)
  } finally {
    await app.close()
  }
}

/** What is ended in the database would live on in Redis, and the person would be told that it has ended. */
async function refuseOtherPlace({ numbers }: Engines): Promise<void> {
  if ((await numbers.histories.list()).length === 0) return
  throw new StartFailure(
    'REDIS_URL: unset, but the service keeps its sessions in Redis. Set it as for the service, and run this again.',
  )
}
