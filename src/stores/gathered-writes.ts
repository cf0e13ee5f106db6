/** Does several writes in their order, either all or none. */
type DoAll<A, R> = (all: A[]) => Promise<R[]>

/**
 * Does the writes of one iteration of the event loop together, so that they wait for the disk once. Each resolves when all are
 * done; if that fails, none is done and all reject.
 */
export function gatherWrites<A, R>(doAll: DoAll<A, R>): (one: A) => Promise<R> {
  let waiting: [A, PromiseWithResolvers<R>][] = []

  return (one) => {
    if (waiting.length === 0) setImmediate(() => void write())
    const own = Promise.withResolvers<R>()
    waiting.push([one, own])
    return own.promise
  }

  async function write(): Promise<void> {
    const all = waiting
    waiting = []
    try {
      const results = await doAll(all.map(([one]) => one))
      for (const [i, [, { resolve }]] of all.entries()) resolve(results[i] as R) // one result for each write
    } catch (error) {
      for (const [, { reject }] of all) reject(error)
    }
  }
}
