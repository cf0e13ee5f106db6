/** An engine's clock, as far as its answers tell. */
export type EngineClock = {
  /** An answer that has just come says it was `time` there when it left: milliseconds since 1970. */
  learn(time: number): void
  /** Never ahead of the engine, never behind an answer that has come; null before the first. */
  now(): number | null
}

/**
 * Follows an engine's clock by its answers. Every answer is late, so each shows the clock too far back: the one that shows
 * it furthest ahead is the nearest to the truth, and is believed until the two machines' clocks may have drifted apart.
 * An engine that is behind by more than `STEP` has been set back, or is another one.
 */
export function followClock(monotonic: () => number = () => performance.now()): EngineClock {
  let offset: number | null = null
  let learntAt = 0
  return {
    learn(time) {
      const here = monotonic()
      const shown = time - here
      const believed = offset === null ? shown : offset - (here - learntAt) * DRIFT
      offset = shown < believed - STEP ? shown : Math.max(shown, believed)
      learntAt = here
    },
    now: () => (offset === null ? null : Math.floor(monotonic() + offset)),
  }
}

/** How fast a clock of a computer can at most run away from another's: 0.1 %. */
const DRIFT = 0.001

/** Milliseconds: more than an answer of ours is ever late. */
const STEP = 2_000
