/** Counters that stand together, by name: the arms of one branch, or the functions of one file. */
type Counters = { of: string; counts: Record<string, number> }

/** What of the instrumented code one input has run, to tell whether it went where no other has been. */
export class Coverage {
  readonly #counters = allCounters()
  readonly #seen = new Set<string>()
  readonly #branches = new Set<string>()

  /** Whether anything ran since the last call that never ran before, or never so often; then the count begins anew. */
  learn(): boolean {
    const before = this.#seen.size
    for (const { of, counts } of this.#counters) {
      for (const id in counts) {
        const count = counts[id] as number
        if (count === 0) continue
        counts[id] = 0
        // Once, twice, and then by powers of two: a loop that runs longer has found something too.
        this.#seen.add(`${of}.${id} ${31 - Math.clz32(count)}`)
        this.#branches.add(`${of}.${id}`)
      }
    }
    return this.#seen.size > before
  }

  /** How many branches and functions have run at all. */
  get branches(): number {
    return this.#branches.size
  }
}

/** Where the code that `instrument.ts` has gone over keeps its counters (istanbul-lib-instrument). */
function allCounters(): Counters[] {
  const files = (globalThis as { __coverage__?: Record<string, FileCoverage> }).__coverage__ ?? {}
  return Object.entries(files).flatMap(([path, { b, f }]) => [
    { of: path, counts: f },
    ...Object.entries(b).map(([id, arms]) => ({
      of: `${path} ${id}`,
      counts: arms as unknown as Record<string, number>,
    })),
  ])
}

type FileCoverage = { b: Record<string, number[]>; f: Record<string, number> }
