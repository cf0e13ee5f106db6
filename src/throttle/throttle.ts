import { type Buckets, bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import { lateRefunds } from './late-refunds.ts'
import { LIMITS, type Limit } from './limits.ts'
import { networkOf, siteOf } from './network.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { useSlot } from './retry-slot.ts'

/** An attempt to sign in with a password. */
export type Attempt = {
  /** The canonical name, whether an account has it or not. */
  username: string
  address: string
  /** The id of a known device, which has signed in to this account before; null for unknown devices. */
  device: string | null
}

/**
 * Calls `verify` to check a password. Throws `too_many_attempts` if there were too many wrong passwords, whether this one is
 * right or not. An attempt is counted before it is verified. A right password resets the count, and an attempt without a result
 * is refunded. It asks the counters three times at most.
 */
export type Throttle = <T extends { verified: boolean }>(
  attempt: Attempt,
  verify: () => Promise<T>,
) => Promise<T>

/** `secret` hides names and addresses in the keys. All instances need the same. */
export function throttleWith(counters: Counters, secret: string): Throttle {
  const buckets = bucketsWith(secret)
  const refunds = lateRefunds(counters)
  // Attempts run one after another. A right password resets the count before the next attempt, so many right ones are not
  // refused.
  const inTurn = oneAtATime(MOST_WAITING)

  return (attempt, verify) => {
    const keys = keysOf(attempt, buckets)
    return inTurn(keys.turn, async () => {
      const ofNetwork = await refunds.add(keys.network, LIMITS.network.window)
      const isFree = await admit(ofNetwork, keys)
      let outcome: 'right' | 'wrong' | 'open' = 'open'
      try {
        const verdict = await verify()
        outcome = verdict.verified ? 'right' : 'wrong'
        return verdict
      } finally {
        if (outcome !== 'wrong') refunds.owe(keys.network)
        if (isFree && outcome === 'right') await counters.forget(keys.counted)
        if (isFree && outcome === 'open') await counters.add(keys.counted, -1, keys.limit.window)
      }
    })
  }

  /** Whether the attempt is a free one. Throws `too_many_attempts` if it is not and there is no open retry slot. */
  async function admit(ofNetwork: number, keys: Keys): Promise<boolean> {
    if (ofNetwork > LIMITS.network.free) {
      await useSlot(counters, buckets.slotOf(keys.networkSlot))
      return false
    }
    const { points } = await counters.add(keys.counted, 1, keys.limit.window)
    if (points <= keys.limit.free) return true
    await useSlot(counters, buckets.slotOf(keys.slot))
    return false
  }
}

/** Resets what slows this device down, so that its next attempt is free. */
export type FreeDevice = (attempt: Attempt) => Promise<void>

/** `secret` is that of the throttle. */
export function freeDeviceWith(counters: Counters, secret: string): FreeDevice {
  const buckets = bucketsWith(secret)
  return async (attempt) => {
    const keys = keysOf(attempt, buckets)
    await counters.forget(keys.counted)
    await counters.forget(buckets.slotOf(keys.slot))
    // Unknown devices share the counter of their network, so it is not reset for them. A known device has its own.
    if (attempt.device !== null) await counters.forget(keys.network)
  }
}

type Keys = {
  network: string
  /** The retry slot after the network has used its free attempts. */
  networkSlot: string
  counted: string
  limit: Limit
  /** The retry slot after the name or the device has used its free attempts. */
  slot: string
  /** Attempts with this key are verified one after another. */
  turn: string
}

/**
 * A known device has counters of its own, which others cannot use up. All unknown devices share the free attempts at a name.
 * After those, the retry slot is for the name and the network, so that no other network can use it up.
 */
function keysOf({ username, address, device }: Attempt, { keyOf }: Buckets): Keys {
  const network = networkOf(address)
  const slot = `${username} from ${siteOf(address)}`
  if (device === null) {
    return {
      network: keyOf('network', network),
      networkSlot: `any name from ${network}`,
      counted: keyOf('name', username),
      limit: LIMITS.name,
      slot,
      turn: slot,
    }
  }
  return {
    network: keyOf('known-network', network),
    networkSlot: `known devices from ${network}`,
    counted: keyOf('device', `${username} ${device}`),
    limit: LIMITS.device,
    slot,
    turn: `${username} on ${device}`,
  }
}

/** Never refuses. For load tests. */
export const unthrottled: Throttle = (_attempt, verify) => verify()

/** How many attempts of a client may wait: up to two seconds at 25 ms each. */
const MOST_WAITING = 64
