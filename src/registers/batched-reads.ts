/** Reads several values in one round trip, in the order of `handles`. */
export type ReadMany<T> = (handles: string[]) => Promise<T[]>

/**
 * Lets the reads of one turn of the event loop travel together, at most `size` of them: a busy server then sends one
 * command for all requests that came in with one look at the network. Nothing is kept: every call is answered by a read
 * that began after it.
 */
export function batchReads<T>(readMany: ReadMany<T>, size: number): (handle: string) => Promise<T> {
  let waiting: Waiting<T>[] = []

  return (handle) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(send)
      waiting.push({ handle, resolve, reject })
    })

  function send(): void {
    for (let start = 0; start < waiting.length; start += size)
      void answer(waiting.slice(start, start + size))
    waiting = []
  }

  async function answer(batch: Waiting<T>[]): Promise<void> {
    try {
      const values = await readMany(batch.map(({ handle }) => handle))
      for (const [i, { resolve }] of batch.entries()) resolve(values[i] as T) // as many as were asked for
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

type Waiting<T> = {
  handle: string
  resolve: (value: T) => void
  reject: (error: unknown) => void
}
