import type { App } from './types.ts'

/**
 * Has a stop wait for answers, not for connections: one that is kept alive ends as soon as its last answer is out. Node and
 * Fastify look for idle connections only once, at the moment of the stop.
 */
export function closeWhenIdle(app: App): void {
  app.addHook('preClose', async () => {
    const timer = setInterval(() => app.server.closeIdleConnections(), IDLE_CHECK).unref()
    app.server.once('close', () => clearInterval(timer))
  })
}

/** Milliseconds. */
const IDLE_CHECK = 50
