import { bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import type { Limit } from './limits.ts'
import { networkOf } from './network.ts'
import { useSlot } from './retry-slot.ts'

/** A limit on what comes from one network. */
type PerNetwork = {
  /** Counts one more from this address. Throws `too_many_attempts` if that is too many, and has no retry slot either. */
  count(address: string): Promise<void>
  /** Takes one back that did not count after all. */
  takeBack(address: string): Promise<void>
}

/** `secret` turns addresses into keys that tell nothing. All instances need the same. */
export function perNetwork(
  counters: Counters,
  secret: string,
  kind: string,
  { free, window }: Limit,
): PerNetwork {
  const { keyOf, slotOf } = bucketsWith(secret)
  return {
    async count(address) {
      const network = networkOf(address)
      const { points } = await counters.add(keyOf(kind, network), 1, window)
      if (points > free) await useSlot(counters, slotOf(`${kind} from ${network}`))
    },
    async takeBack(address) {
      await counters.add(keyOf(kind, networkOf(address)), -1, window)
    },
  }
}
