import type { App } from './types.ts'

/**
 * Makes a stop wait for answers and not for connections, and for `drain` milliseconds at most: a kept-alive connection ends as
 * soon as its last answer is sent. Node and Fastify close idle connections only once, when the stop begins.
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
