import { lookup } from 'node:dns/promises'
import closeWithGrace from 'close-with-grace'
import type { Settings } from '../schemas/settings.ts'
import { mountApp } from './app.ts'
import { assembleParts } from './assemble.ts'
import { explainToPerson } from './cli/explain.ts'
import { welcome } from './cli/welcome.ts'
import { openEngines } from './database/engines.ts'
import { LIMITS } from './http/limits.ts'
import { createFastify } from './http/server.ts'
import { loadDotEnv } from './settings/dot-env.ts'
import { pointOutMisspelt } from './settings/misspelt-settings.ts'
import { readSettings } from './settings/settings.ts'
import { namingSetting } from './settings/start-failure.ts'
import { warningsAbout } from './settings/warnings.ts'

/** Runs the service with the settings of the environment, and greets whoever starts it for the first time. */
export async function serve(): Promise<void> {
  try {
    loadDotEnv(process.env)
    pointOutMisspelt('oneseat', process.env, process.stderr)
    const settings = readSettings(process.env)
    const { url, isNew } = await startService(settings)
    if (isNew) process.stderr.write(welcome(url, settings))
  } catch (error) {
    process.stderr.write(`oneseat: ${explainToPerson(error)}\n`)
    process.exit(1)
  }
}

/**
 * Opens the stores, makes the app and listens; closes them in the reverse order on SIGTERM. `isNew`: nobody has an account yet.
 */
export async function startService(settings: Settings): Promise<{ url: string; isNew: boolean }> {
  const { LOG_LEVEL: logLevel, TRUST_PROXY: trustProxy, KEEP_ALIVE_TIMEOUT: keepAlive } = settings
  const app = createFastify({ logLevel, trustProxy, limits: { ...LIMITS, keepAlive } })
  for (const warning of warningsAbout(settings)) app.log.warn({ event: 'weak_setting' }, warning)
  const engines = await openEngines(app, settings)
  if (settings.REDIS_URL === '' && (await engines.numbers.histories.leave()))
    app.log.warn({ event: 'left_redis' }, LEFT_REDIS)
  const parts = assembleParts(app, settings, engines)
  await mountApp(app, parts)
  const isNew = !parts.isExternal && (await parts.accounts.list({ after: '', limit: 1 })).length === 0
  closeWithGrace({ delay: 10_000, logger: app.log }, async ({ err }) => {
    if (err !== undefined) app.log.fatal({ err }, 'stopping after an error')
    await app.close()
  })
  const { HOST, PORT: port } = settings
  const url = await namingSetting('HOST, PORT', async () => {
    // For `localhost` Fastify would open a second server, without the options of the first.
    const { address: host } = await lookup(HOST)
    return app.listen({ host, port })
  })
  return { url, isNew }
}

const LEFT_REDIS =
  'REDIS_URL: unset, but the sessions of this database were in Redis. Those have ended; if another instance still has REDIS_URL, an account can be signed in on both sides. Set it for all of them, or for none.'

// `node src/server.ts` is the same as `oneseat serve`.
if (process.argv[1] === import.meta.filename) await serve()
