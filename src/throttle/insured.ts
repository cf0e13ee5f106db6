import type { RateLimiterAbstract } from 'rate-limiter-flexible'

/** What a brake asks of the library. */
export type Counters = Pick<RateLimiterAbstract, 'get' | 'penalty' | 'reward' | 'block' | 'delete'>

/**
 * Counts in `shared` while that answers in time, and in `own` always. Once `shared` does not, `own` alone answers for a while
 * without asking it again: an attempt has a dozen questions, and is not to wait for each of them in turn. Nobody ever goes
 * uncounted, and what was begun with the one is ended with both. `onAlone` is told why, once until `shared` answers again.
 */
export function insured(shared: Counters, own: Counters, insurance: Insurance = {}): Counters {
  const { patience, awayFor, onAlone } = { ...DEFAULTS, ...insurance }
  let awayUntil = Number.NEGATIVE_INFINITY
  let isAlone = false

  /** What `shared` answers, or else `instead`. */
  async function ask<T>(
    question: (counters: Counters) => Promise<T>,
    instead: () => Promise<T>,
  ): Promise<T> {
    const asked = performance.now()
    if (asked < awayUntil) return instead()
    try {
      const answer = await inTime(question(shared), patience)
      if (asked >= awayUntil) isAlone = false // and nothing that was asked later has failed
      return answer
    } catch (error) {
      awayUntil = performance.now() + awayFor
      if (!isAlone) onAlone(error)
      isAlone = true
      return instead()
    }
  }

  async function change<T>(question: (counters: Counters) => Promise<T>): Promise<T> {
    const mine = await question(own)
    return ask(question, async () => mine)
  }

  return {
    get: (...args) =>
      ask(
        (counters) => counters.get(...args),
        () => own.get(...args),
      ),
    penalty: (...args) => change((counters) => counters.penalty(...args)),
    reward: (...args) => change((counters) => counters.reward(...args)),
    block: (...args) => change((counters) => counters.block(...args)),
    delete: (...args) => change((counters) => counters.delete(...args)),
  }
}

/** Rejects if there is no answer after so many milliseconds. One that has arrived while this process was busy is in time. */
function inTime<T>(answer: Promise<T>, patience: number): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(
      () => setImmediate(() => fail(new Error('the counters do not answer'))),
      patience,
    )
    answer.then(done, fail).finally(() => clearTimeout(timer))
  })
}

/** What `insured` may be told to do otherwise. */
export type Insurance = {
  /** How long an answer may take, milliseconds. */
  patience?: number
  /** How long nothing is asked after one took longer, milliseconds. */
  awayFor?: number
  onAlone?: (error: unknown) => void
}

/** A login waits for twelve answers in a row, so that it takes two seconds at most also when each comes just in time. */
const DEFAULTS: Required<Insurance> = { patience: 150, awayFor: 5_000, onAlone: () => {} }
