import { existsSync } from 'node:fs'
import closeWithGrace from 'close-with-grace'
import { mountApp } from './app.ts'
import { openEngines } from './engines.ts'
import { createFastify } from './http/fastify.ts'
import { assembleParts } from './parts.ts'
import { warningsAbout } from './setting-warnings.ts'
import { readSettings, SettingsError } from './settings.ts'
import { welcome } from './welcome.ts'

/** The program: settings, parts, routes, listen; closed in order when it is asked to stop. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
  const settings = readSettings(process.env)
  const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: settings.TRUST_PROXY })
  for (const warning of warningsAbout(settings)) app.log.warn({ event: 'weak_setting' }, warning)
  const parts = assembleParts(app, settings, await openEngines(app, settings))
  await mountApp(app, parts)
  closeWithGrace({ delay: 10_000, logger: app.log }, async ({ err }) => {
    if (err !== undefined) app.log.fatal({ err }, 'stopping after an error')
    await app.close()
  })
  const url = await app.listen({ host: settings.HOST, port: settings.PORT })
  if ((await parts.accounts.list({ after: '', limit: 1 })).length === 0)
    process.stderr.write(welcome(url, settings))
}

main().catch((error: unknown) => {
  process.stderr.write(
    error instanceof SettingsError ? `oneseat: ${error.message}\n` : `oneseat: ${explain(error)}\n`,
  )
  process.exit(1)
})

function explain(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
