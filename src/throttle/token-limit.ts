import { Refusal } from '../errors.ts'
import { bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import { LIMITS } from './limits.ts'
import { networkOf } from './network.ts'
import { useSlot } from './retry-slot.ts'

/**
 * Lets somebody at `address` use a one-time token, unless too many that were none came from that network of late: then throws
 * `too_many_attempts`. Only those count that are refused with `token_used`.
 */
export type TokenLimit = <T>(address: string, use: () => Promise<T>) => Promise<T>

/** `secret` turns addresses into keys that tell nothing. All instances need the same. */
export function limitTokens(counters: Counters, secret: string): TokenLimit {
  const { keyOf, slotOf } = bucketsWith(secret)
  const { free, window } = LIMITS.token

  return async (address, use) => {
    const network = networkOf(address)
    const key = keyOf('token', network)
    const { points } = await counters.add(key, 1, window)
    if (points > free) await useSlot(counters, slotOf(`tokens from ${network}`))
    let isWrong = false
    try {
      return await use()
    } catch (error) {
      isWrong = error instanceof Refusal && error.code === 'token_used'
      throw error
    } finally {
      if (!isWrong) await counters.add(key, -1, window)
    }
  }
}

/** For load tests: as many as anybody likes. */
export const unlimitedTokens: TokenLimit = (_address, use) => use()
