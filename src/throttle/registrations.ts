import { Refusal } from '../errors.ts'
import type { Counters } from './counters.ts'
import { LIMITS } from './limits.ts'
import { perNetwork } from './per-network.ts'

/**
 * Calls `make` to make an account for somebody at `address`. Throws `too_many_attempts` if too many were made from that network.
 * An attempt that hashed a password counts even if it failed: it cost work, and told whether a name is taken.
 */
export type RegistrationLimit = <T>(address: string, make: () => Promise<T>) => Promise<T>

export function limitRegistrations(counters: Counters, secret: string): RegistrationLimit {
  const { count, takeBack } = perNetwork(counters, secret, 'registration', LIMITS.registration)
  return async (address, make) => {
    await count(address)
    try {
      return await make()
    } catch (error) {
      if (error instanceof Refusal && UNHASHED.has(error.code)) await takeBack(address)
      throw error
    }
  }
}

/** Refusals that come before a password is hashed. */
const UNHASHED: ReadonlySet<string> = new Set([
  'invalid_request',
  'overloaded',
  'password_too_common',
  'password_too_short',
])
