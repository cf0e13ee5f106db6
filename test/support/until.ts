/**
 * Waits for something outside this process: asks again every so many milliseconds until it is so, and gives up after
 * `limit` milliseconds.
 */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  limit = 10_000,
  every = 10,
): Promise<void> {
  const end = performance.now() + limit
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so after ${limit} ms: ${isSo}`)
    await new Promise((done) => setTimeout(done, every))
  }
}

/** Whether a store or a database answers. */
export function isReady({ ping }: { ping(): Promise<unknown> }): Promise<boolean> {
  return ping().then(
    () => true,
    () => false,
  )
}
