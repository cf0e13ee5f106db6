import type { Sessions } from '../sessions/sessions.ts'

/**
 * Completes changes that were cut off, every second: a change that SQL has then reaches the sessions even if its request failed.
 * Gives the function that stops this.
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
    await sessions.completeChanges().catch(() => {}) // the store cannot be reached: requests report that, and this is tried again
  }

  return async () => {
    clearInterval(timer)
    await running
  }
}
