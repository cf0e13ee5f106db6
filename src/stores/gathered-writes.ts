/** Does several things at once, in their order, all or none. */
type DoAll<A, R> = (all: A[]) => Promise<R[]>

/**
 * Lets writes that are asked for in one iteration of the event loop wait for the disk together. Each is answered when all are
 * done; if that fails, none is done and all are told so.
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
      for (const [i, [, { resolve }]] of all.entries()) resolve(results[i] as R) // as many as were asked for
    } catch (error) {
      for (const [, { reject }] of all) reject(error)
    }
  }
}
