import type { RateLimiterAbstract } from 'rate-limiter-flexible'

/** What a brake asks of the library. */
export type Counters = Pick<RateLimiterAbstract, 'get' | 'penalty' | 'reward' | 'block' | 'delete'>

/**
 * Counts in `shared` while that answers in time. Once it does not, `own` counts for a while without asking it again: an
 * attempt has a dozen questions, and is not to wait for each of them in turn. Nobody ever goes uncounted.
 */
export function insured(shared: Counters, own: Counters, { patience, awayFor } = NUMBERS): Counters {
  let awayUntil = Number.NEGATIVE_INFINITY

  async function ask<T>(question: (counters: Counters) => Promise<T>): Promise<T> {
    if (performance.now() < awayUntil) return question(own)
    try {
      return await inTime(question(shared), patience)
    } catch {
      awayUntil = performance.now() + awayFor
      return question(own)
    }
  }

  return {
    get: (...args) => ask((counters) => counters.get(...args)),
    penalty: (...args) => ask((counters) => counters.penalty(...args)),
    reward: (...args) => ask((counters) => counters.reward(...args)),
    block: (...args) => ask((counters) => counters.block(...args)),
    delete: (...args) => ask((counters) => counters.delete(...args)),
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

/** How long an answer may take, and how long nothing is asked after one took longer: milliseconds. */
export type InsuredNumbers = { patience: number; awayFor: number }

/** A login asks eleven times, so that it takes two seconds at most also when every answer comes just in time. */
const NUMBERS: InsuredNumbers = { patience: 150, awayFor: 5_000 }
