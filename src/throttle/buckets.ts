import { createHmac } from 'node:crypto'

/** Keys for counters that tell nothing of what is counted. */
export type Buckets = {
  /** One of `BUCKETS` keys of a kind: however many names somebody invents, there are never more counters than that. */
  keyOf(kind: string, what: string): string
  /** The key of a retry slot. There are more of these: strangers must not use up a slot that is somebody else's. */
  slotOf(what: string): string
}

/** `secret` is what makes the keys tell nothing. All instances need the same. */
export function bucketsWith(secret: string): Buckets {
  function keyOf(kind: string, what: string, buckets = BUCKETS): string {
    const digest = createHmac('sha256', secret).update(`throttle ${kind} ${what}`).digest()
    return `${kind}:${(digest.readUInt32BE() % buckets).toString(36)}`
  }
  return { keyOf, slotOf: (what) => keyOf('slot', what, SLOT_BUCKETS) }
}

export const BUCKETS = 2 ** 18

/** A slot lasts for a minute, so there are never more than the attempts of one minute. */
const SLOT_BUCKETS = 2 ** 22
