/** The clock of an engine, known from its answers. */
type EngineClock = {
  /** Call it before asking the engine, and call the returned function with the time in the answer, milliseconds since 1970. */
  ask(): (time: number) => void
  /** Never ahead of the engine, and never behind an answer that has arrived; null before the first answer. */
  now(): number | null
}

/**
 * Follows an engine's clock by its answers. Every answer arrives late, so each shows the clock too early. The answer that shows
 * the latest time is the most exact, and is used until the clocks of the two machines may have drifted apart. An answer cannot be
 * older than its question. If its time is below our estimate at the question, the clock was set back, or it is another clock.
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

/** By how much the clock of a computer can at most be faster or slower than another's: 0.1 %. */
const DRIFT = 0.001

/** Some engines round the time to whole milliseconds. */
const ROUNDED = 1
