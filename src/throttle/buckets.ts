import { createHmac } from 'node:crypto'
import { networkOf } from './network.ts'

/** Keys for counters that tell nothing of what is counted. */
export type Buckets = {
  /** One of `BUCKETS` keys of a kind: however many names somebody invents, there are never more counters than that. */
  keyOf(kind: string, what: string): string
  /** The key of the network that an address belongs to. */
  keyOfNetwork(kind: string, address: string): string
}

/** `secret` is what makes them tell nothing. All instances need the same. */
export function bucketsWith(secret: string): Buckets {
  function keyOf(kind: string, what: string): string {
    const digest = createHmac('sha256', secret).update(`throttle ${kind} ${what}`).digest()
    return `${kind}:${(digest.readUInt32BE() % BUCKETS).toString(36)}`
  }
  return { keyOf, keyOfNetwork: (kind, address) => keyOf(kind, networkOf(address)) }
}

export const BUCKETS = 2 ** 18
