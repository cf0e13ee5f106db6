import type { Redis } from 'ioredis'
import { LRUCache } from 'lru-cache'
import type { CopyCounts, Reading, Register } from '../sessions/register.ts'
import { followClock } from './engine-clock.ts'
import { PREFIX, redisRegister } from './redis.ts'
import { trackChanges } from './redis-tracking.ts'

/**
 * The Redis register, with copies of what is read. `read` and `swap` stay as strict as they are; `recall` gives a copy
 * that lacks nothing which was changed more than `STALENESS` milliseconds ago, even if Redis, the network or this process stood
 * still in between.
 */
export function trackedRegister(
  redis: Redis,
  onFailure: (error: unknown) => void,
  monotonic: () => number = () => performance.now(),
): Register & { copyCounts(): CopyCounts } {
  const copies = new LRUCache<string, Copy>({
    maxSize: REMEMBERED,
    sizeCalculation: ({ reading }) => 1 + (reading.text?.length ?? 0),
  })
  /** The last read of each handle that is under way: if the value changes meanwhile, it is not kept. */
  const underWay = new Map<string, object>()
  let history = ''
  let hits = 0
  let misses = 0
  const tracking = trackChanges(redis, {
    probe,
    onChange: (key) => (key === null ? forgetAll() : forget(key.slice(PREFIX.length))),
    onFailure,
    monotonic,
  })
  // One clock, so that what one connection hears of it the other knows: either may be alone for long.
  const clock = followClock()
  const strict = redisRegister(redis, clock)
  const tracked = redisRegister(tracking.reader, clock)

  return {
    ...strict,
    read,
    recall,
    async swap(handle, ...change) {
      try {
        return await strict.swap(handle, ...change)
      } finally {
        forget(handle) // we know it before Redis tells us, and also if the outcome is unknown
      }
    },
    copyCounts() {
      const toldUntil = tracking.toldUntil()
      const age = toldUntil === null ? null : monotonic() - toldUntil
      return { hits, misses, entries: copies.size, age, bound: STALENESS }
    },
    close: async () => tracking.close(),
  }

  /** Who answers now has another past than who did: anything may be different. */
  async function probe(): Promise<void> {
    const { incarnation } = await tracked.read('')
    if (incarnation !== history) forgetAll()
    history = incarnation
  }

  /** As strict as ever; through the connection that Redis watches, if that can be relied on. */
  async function read(handle: string): Promise<Reading> {
    if (tracking.toldUntil() === null) return strict.read(handle)
    const self = {}
    underWay.set(handle, self)
    const at = monotonic()
    try {
      const reading = await tracked.read(handle)
      if (underWay.get(handle) === self) copies.set(handle, { reading, at })
      return reading
    } finally {
      if (underWay.get(handle) === self) underWay.delete(handle)
    }
  }

  function recall(handle: string): Reading | null {
    const copy = copies.get(handle)
    if (copy !== undefined && monotonic() - Math.max(copy.at, tracking.toldUntil() ?? 0) <= STALENESS) {
      hits++
      return copy.reading
    }
    misses++
    return null
  }

  function forget(handle: string): void {
    copies.delete(handle)
    underWay.delete(handle)
  }

  function forgetAll(): void {
    copies.clear()
    underWay.clear()
  }
}

type Copy = { reading: Reading; at: number }

/** A copy may lack what was changed in the last so many milliseconds; nothing that is older. */
export const STALENESS = 100

/** Characters of copies: some 10,000 users. */
const REMEMBERED = 8 * 1024 * 1024
