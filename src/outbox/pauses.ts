import type { RandomBytes } from '../sessions/token.ts'

/**
 * Milliseconds until the next attempt, after so many have failed: 10 seconds, and twice as long each time, up to an hour. A
 * fifth more or less by chance, so that what failed together does not come back together.
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
