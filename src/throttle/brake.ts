import { overloaded, tooManyAttempts } from '../errors.ts'
import type { Counters } from './insured.ts'

/** How many failures are free within `window` seconds, and the longest wait, in seconds, that more of them lead to. */
export type BrakeNumbers = {
  free: number
  window: number
  longest: number
  /** Whether a success makes earlier failures forgotten. */
  forgive: boolean
}

/** Slows down whoever fails: after the free failures each one makes the next attempt wait 1, 2, 4 … seconds. */
export type Brake = {
  /**
   * Takes one of the places that are left, or throws `too_many_attempts`. An attempt under way holds its place as if it
   * had failed; when only such attempts are in the way, this waits for how they end, and throws `overloaded` after a while.
   */
  enter(key: string): Promise<void>
  /** Gives the place back. `wrong` counts as a failure, `right` as a success, `open` as nothing. */
  leave(key: string, outcome: 'right' | 'wrong' | 'open'): Promise<void>
}

/** `patience`: how long an attempt waits for others to end, milliseconds; by default twice what a full queue of hashes takes. */
export function brakeOn(limiter: Counters, numbers: BrakeNumbers, patience = 4_000): Brake {
  const turns = new Map<string, Promise<unknown>>()

  async function enter(key: string): Promise<void> {
    if (!turns.has(key) && (await tryToEnter(key))) return
    const until = performance.now() + patience
    await inTurn(key, async () => {
      while (!(await tryToEnter(key))) {
        if (performance.now() > until) throw overloaded()
        await new Promise((done) => setTimeout(done, POLL))
      }
    })
  }

  /**
   * The place is taken first and looked at then: a failure is counted before its place is given back, so whatever has
   * happened is seen as one or the other, and no two instances can both take the last place.
   */
  async function tryToEnter(key: string): Promise<boolean> {
    refuseWhile(await limiter.get(`shut:${key}`))
    const taken = await limiter.penalty(`busy:${key}`, 1, { customDuration: BUSY_FOR })
    const [failed, shut] = await Promise.all([limiter.get(`failed:${key}`), limiter.get(`shut:${key}`)])
    const places = Math.max(1, numbers.free - (failed?.consumedPoints ?? 0))
    if (shut === null && taken.consumedPoints <= places) return true
    await giveBack(key)
    refuseWhile(shut)
    return false
  }

  async function leave(key: string, outcome: 'right' | 'wrong' | 'open'): Promise<void> {
    if (outcome === 'wrong') {
      const failed = await limiter.penalty(`failed:${key}`, 1, { customDuration: numbers.window })
      const over = failed.consumedPoints - numbers.free
      if (over >= 0) await limiter.block(`shut:${key}`, Math.min(2 ** over, numbers.longest))
    }
    const forgiven = outcome === 'right' && numbers.forgive ? limiter.delete(`failed:${key}`) : null
    await Promise.all([giveBack(key), forgiven])
  }

  async function giveBack(key: string): Promise<void> {
    const left = await limiter.reward(`busy:${key}`, 1, { customDuration: BUSY_FOR })
    // Below: it had been given up for lost. Added, not deleted: somebody may have taken a place in the meantime.
    if (left.consumedPoints < 0) await limiter.penalty(`busy:${key}`, 1, { customDuration: BUSY_FOR })
  }

  /** Of those who wait here for the same key one asks at a time, in the order in which they came. */
  async function inTurn(key: string, work: () => Promise<void>): Promise<void> {
    const mine = (turns.get(key) ?? Promise.resolve()).then(work)
    const over = mine.catch(() => {})
    turns.set(key, over)
    try {
      await mine
    } finally {
      if (turns.get(key) === over) turns.delete(key)
    }
  }

  return { enter, leave }
}

function refuseWhile(shut: { msBeforeNext: number } | null): void {
  if (shut !== null) throw tooManyAttempts(shut.msBeforeNext)
}

/** How often an attempt that waits asks again, milliseconds. */
const POLL = 20

/** How long the place of an attempt is held whose instance died, seconds. */
const BUSY_FOR = 30
