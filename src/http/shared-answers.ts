import { setTimeout as pause } from 'node:timers/promises'

/**
 * Makes one answer for all requests at the same time. A later request gets a newer answer, which is made after a pause nine times
 * as long as the last one took. So nobody gets an old answer, and even a flood of requests uses at most a tenth of the time for
 * this.
 */
export function shareAnswers<T>(make: () => Promise<T>): () => Promise<T> {
  let next: Promise<T> | null = null
  let before: Promise<unknown> = Promise.resolve()

  return () => {
    next ??= makeAfter(before)
    return next
  }

  async function makeAfter(turn: Promise<unknown>): Promise<T> {
    await turn
    next = null
    const begun = performance.now()
    const made = make()
    before = made.then(rest, rest)
    return made

    function rest(): Promise<void> {
      return pause(Math.min(9 * (performance.now() - begun), LONGEST))
    }
  }
}

/** The longest pause, milliseconds, so that a store that did not answer is soon asked again. */
const LONGEST = 500
