import type { RandomBytes } from '../sessions/token.ts'

/**
 * Milliseconds until the next attempt, after this many failures: 10 seconds, and twice as long each time, up to an hour. It is
 * randomly up to a fifth longer or shorter, so that messages that failed together are not all tried again together.
 */
export function pauseAfter(attempts: number, random: RandomBytes): number {
  return Math.round(usual(attempts) * (0.8 + (0.4 * random(1).readUInt8()) / 255))
}

/** Milliseconds that such a pause lasts at most. */
export function longestPauseAfter(attempts: number): number {
  return 1.2 * usual(attempts)
}

function usual(attempts: number): number {
  return Math.min(FIRST * 2 ** Math.min(attempts - 1, 20), LONGEST)
}

/** Milliseconds. */
const FIRST = 10_000
const LONGEST = 60 * 60 * 1000
