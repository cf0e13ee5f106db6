import { type Buckets, bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import { lateRefunds } from './late-refunds.ts'
import { LIMITS, type Limit } from './limits.ts'
import { networkOf, siteOf } from './network.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { useSlot } from './retry-slot.ts'

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
 * whether or not the password is right. An attempt counts from before it is verified; a right one is forgiven, and one that
 * comes to no verdict is refunded. It asks the counters three times at most.
 */
export type Throttle = <T extends { verified: boolean }>(
  attempt: Attempt,
  verify: () => Promise<T>,
) => Promise<T>

/** `secret` turns names and addresses into keys that tell nothing. All instances need the same. */
export function throttleWith(counters: Counters, secret: string): Throttle {
  const buckets = bucketsWith(secret)
  const refunds = lateRefunds(counters)
  // A right password is forgiven before the next one is counted, so a burst of right ones is not refused.
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

  /** Whether the attempt is one of the free ones. Throws `too_many_attempts` if it is not, and has no retry slot either. */
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

type Keys = {
  network: string
  /** Whose retry slot it is when the network has used up its free attempts. */
  networkSlot: string
  counted: string
  limit: Limit
  /** Whose retry slot it is when the name or the device has. */
  slot: string
  /** Those who are verified one after another. */
  turn: string
}

/**
 * A known device counts for itself, and strangers can use up nothing that is its own. All others share the free attempts at
 * a name. When those are used up, the retry slot belongs to the name and the network: nobody else can take it.
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

/** For load tests: everybody may always try. */
export const unthrottled: Throttle = (_attempt, verify) => verify()

/** Attempts that wait for others of the same client, for up to two seconds at 25 ms each. */
const MOST_WAITING = 64
