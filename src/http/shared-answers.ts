import { setTimeout as pause } from 'node:timers/promises'

/**
 * Makes one answer for all who ask at the same time. Whoever asks later gets a newer one: it is made when the one before is done
 * and has been followed by nine times as long a pause. So nobody gets an old answer, and no flood of requests makes this take more
 * than a tenth of the time.
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

/** Milliseconds. A store that does not answer is soon asked again. */
const LONGEST = 500
