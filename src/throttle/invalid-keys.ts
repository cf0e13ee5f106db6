import { bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import { LIMITS } from './limits.ts'
import { networkOf } from './network.ts'
import { useSlot } from './retry-slot.ts'

/**
 * Counts a service key that was wrong. Throws `too_many_attempts` if there were too many from this network. A right key is never
 * counted nor refused for the wrong ones of others: nobody can guess 256 bits, so all this saves is the log and the reader of it.
 */
export type CountInvalidKey = (address: string) => Promise<void>

export function limitInvalidKeys(counters: Counters, secret: string): CountInvalidKey {
  const { keyOf, slotOf } = bucketsWith(secret)
  const { free, window } = LIMITS.key
  return async (address) => {
    const network = networkOf(address)
    const { points } = await counters.add(keyOf('key', network), 1, window)
    if (points > free) await useSlot(counters, slotOf(`keys from ${network}`))
  }
}

/** For load tests. */
export const uncountedKeys: CountInvalidKey = async () => {}
