import { setTimeout as pause } from 'node:timers/promises'

/**
 * Makes one answer for all who ask at the same time. Whoever asks later gets a newer one, which is not begun before `every`
 * milliseconds have passed since the last: so nobody gets an old answer, and a flood of requests makes no more work than this.
 */
export function shareAnswers<T>(make: () => Promise<T>, every: number): () => Promise<T> {
  let next: Promise<T> | null = null
  let begunAt = Number.NEGATIVE_INFINITY

  return () => {
    next ??= begin(begunAt + every - performance.now())
    return next
  }

  async function begin(wait: number): Promise<T> {
    await (wait > 0 ? pause(wait) : null)
    next = null
    begunAt = performance.now()
    return make()
  }
}
