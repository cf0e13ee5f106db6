import { type RateLimiterLike, RateLimiterMemory, RLWrapperTimeouts } from 'rate-limiter-flexible'
import { type Limiter, NUMBERS } from './counters.ts'

export type Insurance = {
  /** How long the shared counters may take for an answer, milliseconds. */
  patience?: number
  /** Is told why this instance counts by itself, once a minute while it does. */
  onAlone?: (error: unknown) => void
}

/**
 * `shared`, and counters of this process while `shared` fails or is late: then every instance has limits of its own, so an
 * attempt is never uncounted and never refused for that. This is the library's own insurance with its time-outs.
 */
export function insured(
  shared: RateLimiterLike,
  { patience = PATIENCE, onAlone = () => {} }: Insurance,
): Limiter {
  const insuranceLimiter = new OwnCounters(shared, onAlone)
  return new RLWrapperTimeouts({ limiter: shared, timeoutMs: patience, insuranceLimiter })
}

/** The library does not say that its insurance is in use, nor why, so this asks `shared` once more and tells its error. */
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

/** A login asks three times in a row, so it waits for three quarters of a second at most. */
const PATIENCE = 250
const MINUTE = 60_000
