/** Reads several values in one round trip, in the order of `handles`. */
export type ReadMany = (handles: string[]) => Promise<(string | null)[]>

/**
 * Lets the reads of one turn of the event loop travel together: a busy server then sends one command for all requests that
 * came in with one look at the network. Nothing is kept: every call is answered by a read that began after it.
 */
export function batchReads(readMany: ReadMany): (handle: string) => Promise<string | null> {
  let waiting: Waiting[] = []

  return (handle) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(send)
      waiting.push({ handle, resolve, reject })
    })

  function send(): void {
    for (let start = 0; start < waiting.length; start += BATCH)
      void answer(waiting.slice(start, start + BATCH))
    waiting = []
  }

  async function answer(batch: Waiting[]): Promise<void> {
    try {
      const values = await readMany(batch.map(({ handle }) => handle))
      for (let i = 0; i < batch.length; i++) batch[i]?.resolve(values[i] ?? null)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

type Waiting = {
  handle: string
  resolve: (value: string | null) => void
  reject: (error: unknown) => void
}

/** So that one command never holds Redis up for long. */
const BATCH = 100
