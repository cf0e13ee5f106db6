import { bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import { type Attempt, keysOf } from './throttle.ts'

/** Forgets what slows this device down, so that its next attempt is a free one. */
export type FreeDevice = (attempt: Attempt) => Promise<void>

/** `secret` as for the throttle. */
export function freeDeviceWith(counters: Counters, secret: string): FreeDevice {
  const buckets = bucketsWith(secret)
  return async (attempt) => {
    const keys = keysOf(attempt, buckets)
    await counters.forget(keys.counted)
    await counters.forget(buckets.slotOf(keys.slot))
    // What a network has used up is shared by strangers; that of its known devices is not.
    if (attempt.device !== null) await counters.forget(keys.network)
  }
}
