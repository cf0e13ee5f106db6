import type { Sessions } from '../sessions/sessions.ts'

/**
 * Has changes that were cut off completed: what SQL decided reaches the sessions by itself, whatever became of the request that
 * decided it. Gives the function that stops it.
 */
export function completeChangesEverySecond(
  sessions: Pick<Sessions, 'completeChanges'>,
): () => Promise<void> {
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    running ??= complete().finally(() => {
      running = null
    })
  }, 1_000).unref()

  async function complete(): Promise<void> {
    await sessions.completeChanges().catch(() => {}) // a store is away: a request reports it, and this is tried again
  }

  return async () => {
    clearInterval(timer)
    await running
  }
}
