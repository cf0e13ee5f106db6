import { Refusal, waitFor } from '../errors.ts'
import type { Counters } from './counters.ts'
import { LONGEST_WAIT, RETRY } from './limits.ts'

/**
 * Lets a blocked client pass if it has waited; otherwise throws `too_many_attempts` with the time to wait. The first attempt at
 * `key` makes a slot, and is refused. After `RETRY.wait` seconds the slot is open, and admits the next `RETRY.tries` attempts. An
 * attempt that comes too early uses one of them, so waiting is necessary. The times of a slot never move, so others cannot delay
 * a client that waits.
 */
export async function useSlot(counters: Counters, key: string): Promise<void> {
  const { points, endsIn } = await counters.add(key, 1, LONGEST_WAIT)
  const opensIn = endsIn - RETRY.open * 1000
  const triesLeft = 1 + RETRY.tries - points
  if (opensIn <= 0 && triesLeft >= 0) return
  const wait = Math.min(triesLeft > 0 ? opensIn : endsIn, LONGEST_WAIT * 1000)
  throw new Refusal('too_many_attempts', { headers: waitFor(wait) })
}
