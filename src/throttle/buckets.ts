import { createHmac } from 'node:crypto'

/** Keys of counters. They do not reveal the names and addresses that are counted. */
export type Buckets = {
  /** One of `BUCKETS` keys of a kind. So the number of counters is limited, however many names somebody invents. */
  keyOf(kind: string, what: string): string
  /** The key of a retry slot. There are more of these keys, so that two clients almost never share a slot. */
  slotOf(what: string): string
}

/** `secret` hides what the keys stand for. All instances need the same. */
export function bucketsWith(secret: string): Buckets {
  function keyOf(kind: string, what: string, buckets = BUCKETS): string {
    const digest = createHmac('sha256', secret).update(`throttle ${kind} ${what}`).digest()
    return `${kind}:${(digest.readUInt32BE() % buckets).toString(36)}`
  }
  return { keyOf, slotOf: (what) => keyOf('slot', what, SLOT_BUCKETS) }
}

export const BUCKETS = 2 ** 18

/** A slot lasts for a minute, so there are at most as many as attempts in a minute. */
const SLOT_BUCKETS = 2 ** 22
