/** Waits for something outside this process: asks again until it is so, and gives up after `limit` milliseconds. */
export async function until(isSo: () => Promise<boolean> | boolean, limit = 10_000): Promise<void> {
  const end = performance.now() + limit
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not so after ${limit} ms: ${isSo}`)
    await new Promise((done) => setTimeout(done, 10))
  }
}
