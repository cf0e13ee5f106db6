import {
  type RateLimiterAbstract,
  RateLimiterCluster,
  RateLimiterClusterMaster,
  RateLimiterMemory,
} from 'rate-limiter-flexible'
import { NUMBERS } from './limiter.ts'

type Given<Method extends 'get' | 'penalty' | 'reward' | 'block' | 'delete'> = Parameters<
  RateLimiterAbstract[Method]
>

/**
 * Counters in the primary process, for all workers of one machine together. While it does not answer every worker counts
 * by itself: never not at all.
 */
export class WorkersLimiter extends RateLimiterCluster {
  readonly #own = new RateLimiterMemory(NUMBERS)
  #aloneUntil = 0

  constructor() {
    super({ ...NUMBERS, keyPrefix: 'oneseat:throttle', timeoutMs: PATIENCE })
  }

  override get(...given: Given<'get'>) {
    return this.#ask(
      () => super.get(...given),
      () => this.#own.get(...given),
    )
  }

  override penalty(...given: Given<'penalty'>) {
    return this.#ask(
      () => super.penalty(...given),
      () => this.#own.penalty(...given),
    )
  }

  override reward(...given: Given<'reward'>) {
    return this.#ask(
      () => super.reward(...given),
      () => this.#own.reward(...given),
    )
  }

  override block(...given: Given<'block'>) {
    return this.#ask(
      () => super.block(...given),
      () => this.#own.block(...given),
    )
  }

  override delete(...given: Given<'delete'>) {
    return this.#ask(
      () => super.delete(...given),
      () => this.#own.delete(...given),
    )
  }

  async #ask<T>(primary: () => Promise<T>, own: () => Promise<T>): Promise<T> {
    if (performance.now() < this.#aloneUntil) return own()
    try {
      return await primary()
    } catch {
      this.#aloneUntil = performance.now() + ALONE
      return own()
    }
  }
}

/** In the primary process: keeps the counters of all `WorkersLimiter`s. */
export function countForWorkers(): void {
  new RateLimiterClusterMaster()
}

/** How long the primary process may take to answer, usually less than one, and when it is asked again: milliseconds. */
const PATIENCE = 1_000
const ALONE = 5_000
