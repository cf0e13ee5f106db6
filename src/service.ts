import { lookup } from 'node:dns/promises'
import closeWithGrace from 'close-with-grace'
import type { Settings } from '../schemas/settings.ts'
import { mountApp } from './app.ts'
import { openEngines } from './engines.ts'
import { createFastify } from './http/fastify.ts'
import { assembleParts } from './parts.ts'
import { warningsAbout } from './setting-warnings.ts'
import { asSet } from './start-failure.ts'

/** Where the service listens, and whether nobody has an account yet. */
type Hello = { url: string; isNew: boolean }

/** The process that serves: parts, routes, listen; closed in order when it is asked to stop. */
export async function startService(settings: Settings): Promise<Hello> {
  const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: settings.TRUST_PROXY })
  for (const warning of warningsAbout(settings)) app.log.warn({ event: 'weak_setting' }, warning)
  const parts = assembleParts(app, settings, await openEngines(app, settings))
  await mountApp(app, parts)
  const isNew = (await parts.accounts.list({ after: '', limit: 1 })).length === 0
  closeWithGrace({ delay: 10_000, logger: app.log }, async ({ err }) => {
    if (err !== undefined) app.log.fatal({ err }, 'stopping after an error')
    await app.close()
  })
  const { HOST, PORT: port } = settings
  const url = await asSet('HOST, PORT', async () => {
    // For the word `localhost` Fastify would open a second server, without what is set on the first.
    const { address: host } = await lookup(HOST)
    return app.listen({ host, port })
  })
  return { url, isNew }
}
