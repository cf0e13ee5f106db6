/** Reads several values in one round trip, in the order of `handles`. */
type ReadMany<T> = (handles: string[]) => Promise<T[]>

/**
 * Sends reads together, at most `size` of them: those of one iteration of the event loop. While a read is under way, further
 * reads wait for it, `PATIENCE` milliseconds at most, and until the end of the iteration that brings its answer. So a busy server
 * needs fewer commands per request, and the same value is read only once. Nothing is cached: every call gets the answer of a read
 * that began after it.
 */
export function batchReads<T>(readMany: ReadMany<T>, size: number): (handle: string) => Promise<T> {
  let waiting = new Map<string, PromiseWithResolvers<T>>()
  /** The timer that ends the wait for the read under way. */
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
      for (const [i, [, { resolve }]] of batch.entries()) resolve(values[i] as T) // one value for each handle
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

/** For how many milliseconds a read waits for the read before it. */
const PATIENCE = 5
