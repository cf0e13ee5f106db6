import { type Brake, brakeOn, type Outcome } from './brake.ts'
import { bucketsWith } from './buckets.ts'
import type { Counters } from './insured.ts'

/** Somebody who is about to offer a password. */
export type Attempt = {
  /** The canonical name, whether a user has it or not. */
  username: string
  address: string
  /** What tells this device from others, if it has signed in to this account before; null for every other. */
  device: string | null
}

/**
 * Lets a password be verified, unless there were too many wrong ones: then throws `too_many_attempts`, whoever asks and
 * whether or not the password is right. The attempt counts from before it is verified until it turns out right; one that
 * comes to no verdict does not count. Somebody unknown is slowed down by name and by network, a known device by
 * nothing but its own failures, so that no stranger can shut it out.
 */
export type Throttle = <T extends { verified: boolean }>(
  attempt: Attempt,
  verify: () => Promise<T>,
) => Promise<T>

/** `secret` turns names and addresses into keys that tell nothing. All instances need the same. */
export function throttleWith(limiter: Counters, secret: string): Throttle {
  const network = brakeOn(limiter, BRAKES.network)
  const name = brakeOn(limiter, BRAKES.name)
  const device = brakeOn(limiter, BRAKES.device)
  const { keyOf, keyOfNetwork } = bucketsWith(secret)

  return async (attempt, verify) => {
    if (attempt.device !== null) {
      return through(device, keyOf('device', `${attempt.username} ${attempt.device}`), verify)
    }
    // Who knocks at a shut name counts against their network: hammering is not free.
    return through(network, keyOfNetwork('network', attempt.address), () =>
      through(name, keyOf('name', attempt.username), verify),
    )
  }
}

async function through<T extends { verified: boolean }>(
  brake: Brake,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  const leave = await brake.enter(key)
  let outcome: Outcome = 'open'
  try {
    const verdict = await work()
    outcome = verdict.verified ? 'right' : 'wrong'
    return verdict
  } catch (error) {
    if (isTooMany(error)) outcome = 'wrong'
    throw error
  } finally {
    await leave(outcome)
  }
}

/** For load tests: everybody may always try. */
export const unthrottled: Throttle = (_attempt, verify) => verify()

function isTooMany(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'too_many_attempts'
}

/** See docs/security-decisions.md for why these numbers. */
export const BRAKES = {
  name: { free: 5, window: 3600, longest: 60, forgive: true },
  network: { free: 300, window: 900, longest: 60, forgive: false },
  device: { free: 10, window: 3600, longest: 60, forgive: true },
} as const
