import { Refusal } from '../errors.ts'
import { bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import { LIMITS } from './limits.ts'
import { networkOf } from './network.ts'
import { useSlot } from './retry-slot.ts'

/**
 * Lets somebody at `address` make an account, unless too many were made from that network of late: then throws
 * `too_many_attempts`. It costs a password's hash, and tells whether a name is taken, so a try that got that far counts
 * whatever came of it.
 */
export type RegistrationLimit = <T>(address: string, make: () => Promise<T>) => Promise<T>

/** `secret` turns addresses into keys that tell nothing. All instances need the same. */
export function limitRegistrations(counters: Counters, secret: string): RegistrationLimit {
  const { keyOf, slotOf } = bucketsWith(secret)
  const { free, window } = LIMITS.registration

  return async (address, make) => {
    const network = networkOf(address)
    const key = keyOf('registration', network)
    const { points } = await counters.add(key, 1, window)
    if (points > free) await useSlot(counters, slotOf(`new accounts from ${network}`))
    try {
      return await make()
    } catch (error) {
      if (error instanceof Refusal && UNHASHED.has(error.code)) await counters.add(key, -1, window)
      throw error
    }
  }
}

/** For load tests: everybody may make as many as they like. */
export const unlimitedRegistrations: RegistrationLimit = (_address, make) => make()

/** Refusals that come before a password is hashed. */
const UNHASHED: ReadonlySet<string> = new Set([
  'invalid_request',
  'overloaded',
  'password_too_common',
  'password_too_short',
])
