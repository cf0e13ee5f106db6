import { Refusal } from '../errors.ts'
import { brakeOn } from './brake.ts'
import { bucketsWith } from './buckets.ts'
import type { Counters } from './insured.ts'

/**
 * Lets somebody at `address` make an account, unless too many were made from that network of late: then throws
 * `too_many_attempts`. It costs a password's hash, and tells whether a name is taken, so a try that got that far counts
 * whatever came of it.
 */
export type RegistrationLimit = <T>(address: string, make: () => Promise<T>) => Promise<T>

/** `secret` turns addresses into keys that tell nothing. All instances need the same. */
export function limitRegistrations(counters: Counters, secret: string): RegistrationLimit {
  const brake = brakeOn(counters, REGISTRATIONS)
  const { keyOfNetwork } = bucketsWith(secret)

  return async (address, make) => {
    const key = keyOfNetwork('registration', address)
    const leave = await brake.enter(key)
    let outcome: 'wrong' | 'open' = 'wrong'
    try {
      return await make()
    } catch (error) {
      if (error instanceof Refusal && UNHASHED.has(error.code)) outcome = 'open'
      throw error
    } finally {
      await leave(outcome)
    }
  }
}

/** For load tests: everybody may make as many as they like. */
export const unlimitedRegistrations: RegistrationLimit = (_address, make) => make()

/** See docs/security-decisions.md for why these numbers. */
export const REGISTRATIONS = { free: 100, window: 3600, longest: 60, forgive: false } as const

/** Refusals that come before a password is hashed. */
const UNHASHED: ReadonlySet<string> = new Set([
  'invalid_request',
  'overloaded',
  'password_too_common',
  'password_too_short',
])
