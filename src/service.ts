import cluster from 'node:cluster'
import { lookup } from 'node:dns/promises'
import closeWithGrace from 'close-with-grace'
import type { Settings } from '../schemas/settings.ts'
import { mountApp } from './app.ts'
import { openEngines } from './engines.ts'
import { createFastify } from './http/fastify.ts'
import { assembleParts } from './parts.ts'
import { warningsAbout } from './setting-warnings.ts'
import { asSet } from './start-failure.ts'
import { type Hello, hearPrimary } from './workers/messages.ts'

/** One process that serves, alone or as a worker: parts, routes, listen; closed in order when it is asked to stop. */
export async function startService(settings: Settings): Promise<Hello> {
  const app = createFastify({ logLevel: settings.LOG_LEVEL, trustProxy: settings.TRUST_PROXY })
  if (cluster.isPrimary) {
    for (const warning of warningsAbout(settings)) app.log.warn({ event: 'weak_setting' }, warning)
  }
  const parts = assembleParts(app, settings, await openEngines(app, settings))
  await mountApp(app, parts)
  const isNew = (await parts.accounts.list({ after: '', limit: 1 })).length === 0
  const skip = cluster.isWorker ? [...GROUP_SIGNALS] : []
  const grace = closeWithGrace({ delay: 10_000, logger: app.log, skip }, async ({ err }) => {
    if (err !== undefined) app.log.fatal({ err }, 'stopping after an error')
    await app.close()
  })
  if (cluster.isWorker) {
    for (const signal of skip) process.on(signal, () => {})
    hearPrimary('stop', () => grace.close())
  }
  const { HOST, PORT: port } = settings
  const url = await asSet('HOST, PORT', async () => {
    // For the word `localhost` Fastify would open a second server, without what is set on the first.
    const { address: host } = await lookup(HOST)
    return app.listen({ host, port })
  })
  return { url, isNew }
}

/** A terminal and systemd send these to a whole group of processes: of workers, the primary process says when they stop. */
const GROUP_SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const
