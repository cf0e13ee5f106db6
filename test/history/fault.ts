import type { Setup, Topology, World } from './world.ts'

/** Something that goes wrong, again and again, while clients go on. Each file in `faults/` exports one as `fault`. */
export type Fault = {
  name: string
  /** What it does, for the table. */
  about: string
  /** Where it can happen. */
  topologies: readonly Topology[]
  setup?: Partial<Setup>
  /** Breaks something, waits a while, and puts it right. Without it, what `setup` says is the whole fault. */
  strike?(world: World, random: () => number): Promise<void>
  /** Also under this fault nobody who has the newest session may be turned away. Without it, records may be lost. */
  keepsSessions?: true
  /** SQL is away, or slow, while it strikes: what is used then is not extended. */
  sqlAway?: true
  /** SQL may lose commits. */
  losesSql?: true
  /** Records are confirmed anew: a login number without a session then looks like a loss. */
  confirmsAnew?: true
}

export function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

/** What a topology is bound to have. */
export function need<T>(part: T | null | undefined): T {
  if (part === null || part === undefined) throw new Error('this fault does not fit the topology')
  return part
}
