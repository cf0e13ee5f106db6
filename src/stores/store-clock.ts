/** An engine's clock, as far as its answers tell. */
type EngineClock = {
  /** Called before the engine is asked. What it gives takes the time in the answer: milliseconds since 1970. */
  ask(): (time: number) => void
  /** Never ahead of the engine, never behind an answer that has come; null before the first. */
  now(): number | null
}

/**
 * Follows an engine's clock by its answers. Every answer is late, so each shows the clock too far back: the one that shows it
 * furthest ahead is the nearest to the truth, and is believed until the two machines' clocks may have drifted apart. An answer
 * left after it was asked for. If that shows less than what is believed, the clock was set back, or is another one.
 */
export function followClock(monotonic: () => number = () => performance.now()): EngineClock {
  let offset: number | null = null
  let learntAt = 0
  return {
    ask() {
      const askedAt = monotonic()
      return (time) => {
        const here = monotonic()
        const [least, most] = [time - here, time - askedAt]
        const believed = offset === null ? least : offset - (here - learntAt) * DRIFT
        offset = most + ROUNDED < believed ? least : Math.max(least, believed)
        learntAt = here
      }
    },
    now: () => (offset === null ? null : Math.floor(monotonic() + offset)),
  }
}

/** How fast a clock of a computer can at most run away from another's: 0.1 %. */
const DRIFT = 0.001

/** Milliseconds: some engines tell the time in whole ones. */
const ROUNDED = 1
