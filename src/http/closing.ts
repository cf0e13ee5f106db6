import type { App } from './types.ts'

/**
 * Has a stop wait for answers, not for connections, and for `drain` milliseconds at most: a connection that is kept alive
 * ends as soon as its last answer is out. Node and Fastify look for idle ones only once, at the moment of the stop.
 */
export function closeInTime(app: App, drain: number): void {
  const { server } = app
  app.addHook('preClose', async () => {
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK).unref()
    const all = setTimeout(() => server.closeAllConnections(), drain).unref()
    server.once('close', () => {
      clearInterval(idle)
      clearTimeout(all)
    })
  })
}

/** Milliseconds. */
const IDLE_CHECK = 50
