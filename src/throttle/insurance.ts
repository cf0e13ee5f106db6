import { type RateLimiterLike, RateLimiterMemory, RLWrapperTimeouts } from 'rate-limiter-flexible'
import { type Limiter, NUMBERS } from './counters.ts'

export type Insurance = {
  /** How long the shared counters may take for an answer, milliseconds. */
  patience?: number
  /** Called once a minute while this instance counts by itself, with the reason. */
  onAlone?: (error: unknown) => void
}

/**
 * Uses `shared`, and counters of this process while `shared` fails or is late. Then every instance has limits of its own, but
 * every attempt is counted, and none is refused for this reason. It uses the library's insurance limiter and its time-outs.
 */
export function insured(
  shared: RateLimiterLike,
  { patience = PATIENCE, onAlone = () => {} }: Insurance,
): Limiter {
  const insuranceLimiter = new OwnCounters(shared, onAlone)
  return new RLWrapperTimeouts({ limiter: shared, timeoutMs: patience, insuranceLimiter })
}

/**
 * The library does not say when it uses the insurance limiter, or why. So this calls `shared` once more and reports its error.
 */
class OwnCounters extends RateLimiterMemory {
  readonly #shared: RateLimiterLike
  readonly #onAlone: (error: unknown) => void
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(shared: RateLimiterLike, onAlone: (error: unknown) => void) {
    super(NUMBERS)
    this.#shared = shared
    this.#onAlone = onAlone
  }

  override penalty(...args: Parameters<RateLimiterMemory['penalty']>) {
    this.#tell()
    return super.penalty(...args)
  }

  #tell(): void {
    const now = performance.now()
    if (now < this.#toldAt + MINUTE) return
    this.#toldAt = now
    const tellLate = () => this.#onAlone(new Error('the counters answer too late'))
    this.#shared.penalty('reason', 0).then(tellLate, this.#onAlone)
  }
}

/** A login asks at most three times, one after another, so it waits for three quarters of a second at most. */
const PATIENCE = 250
const MINUTE = 60_000
