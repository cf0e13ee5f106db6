import { bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import type { Limit } from './limits.ts'
import { networkOf } from './network.ts'
import { useSlot } from './retry-slot.ts'

/** A limit on calls from one network. */
type PerNetwork = {
  /** Counts one more call from this address. Throws `too_many_attempts` if that is too many and there is no open retry slot. */
  count(address: string): Promise<void>
  /** Refunds a call. */
  takeBack(address: string): Promise<void>
}

/** `secret` hides addresses in the keys. All instances need the same. */
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
