/** Reads several values in one round trip, in the order of `handles`. */
type ReadMany<T> = (handles: string[]) => Promise<T[]>

/**
 * Lets reads travel together, at most `size` of them: those of one turn of the event loop, and under load those that come
 * while the read before is under way, which they wait for a moment at most, and until the end of the turn that brings its
 * answer. So the busier a server is, the fewer commands it needs for a request; what is asked for twice is read once.
 * Nothing is kept: every call is answered by a read that began after it.
 */
export function batchReads<T>(readMany: ReadMany<T>, size: number): (handle: string) => Promise<T> {
  let waiting = new Map<string, PromiseWithResolvers<T>>()
  /** What ends the wait for the read that is under way. */
  let patience: NodeJS.Timeout | null = null

  return (handle) => {
    const same = waiting.get(handle)
    if (same !== undefined) return same.promise
    if (waiting.size === 0 && patience === null) setImmediate(send)
    const own = Promise.withResolvers<T>()
    waiting.set(handle, own)
    return own.promise
  }

  function send(): void {
    const all = [...waiting]
    waiting = new Map()
    for (let start = 0; start < all.length; start += size) void answer(all.slice(start, start + size))
  }

  async function answer(batch: [handle: string, PromiseWithResolvers<T>][]): Promise<void> {
    const own = setTimeout(() => goOn(own), PATIENCE)
    patience = own
    try {
      const values = await readMany(batch.map(([handle]) => handle))
      for (const [i, [, { resolve }]] of batch.entries()) resolve(values[i] as T) // as many as were asked for
    } catch (error) {
      for (const [, { reject }] of batch) reject(error)
    }
    goOn(own)
  }

  function goOn(own: NodeJS.Timeout): void {
    clearTimeout(own)
    if (patience !== own) return
    patience = null
    if (waiting.size > 0) setImmediate(send)
  }
}

/** Milliseconds that a read waits for the one before. */
const PATIENCE = 5
