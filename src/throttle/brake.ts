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
  enter(key: string): Promise<Leave>
}

/** Gives the place back, once. `wrong` counts as a failure, `right` as a success, `open` as nothing. */
export type Leave = (outcome: Outcome) => Promise<void>
export type Outcome = 'right' | 'wrong' | 'open'

/** `patience`: how long an attempt waits for others to end, milliseconds; by default twice what a full queue of hashes takes. */
type BrakeOptions = { patience?: number; clock?: () => number }

/** A brake over what `limiter` counts. Instances that share it have to agree on the time to half a minute. */
export function brakeOn(limiter: Counters, numbers: BrakeNumbers, options: BrakeOptions = {}): Brake {
  const { patience = 4_000, clock = Date.now } = options
  const turns = new Map<string, Promise<unknown>>()

  async function enter(key: string): Promise<Leave> {
    const place = turns.has(key) ? null : await tryToEnter(key)
    if (place !== null) return leaving(key, place)
    const until = performance.now() + patience
    return inTurn(key, async () => {
      while (performance.now() <= until) {
        const later = await tryToEnter(key)
        if (later !== null) return leaving(key, later)
        await new Promise((done) => setTimeout(done, POLL))
      }
      throw overloaded()
    })
  }

  /**
   * The place is taken first and looked at then: a failure is counted before its place is given back, so whatever has
   * happened is seen as one or the other, and no two instances can both take the last place. Null if none is left.
   */
  async function tryToEnter(key: string): Promise<string | null> {
    refuseWhile(await limiter.get(`shut:${key}`))
    const span = Math.floor(clock() / (SPAN * 1000))
    const mine = `busy:${key}:${span}`
    const taken = await limiter.penalty(mine, 1, { customDuration: 3 * SPAN })
    const [failed, shut, before, after] = await Promise.all([
      limiter.get(`failed:${key}`),
      limiter.get(`shut:${key}`),
      limiter.get(`busy:${key}:${span - 1}`),
      limiter.get(`busy:${key}:${span + 1}`),
    ])
    const held = taken.consumedPoints + heldIn(before) + heldIn(after)
    const places = Math.max(1, numbers.free - (failed?.consumedPoints ?? 0))
    if (shut === null && held <= places) return mine
    await giveBack(mine)
    refuseWhile(shut)
    return null
  }

  function leaving(key: string, place: string): Leave {
    return async (outcome) => {
      if (outcome === 'wrong') {
        const failed = await limiter.penalty(`failed:${key}`, 1, { customDuration: numbers.window })
        const over = failed.consumedPoints - numbers.free
        if (over >= 0) await limiter.block(`shut:${key}`, Math.min(2 ** over, numbers.longest))
      }
      const forgiven = outcome === 'right' && numbers.forgive ? limiter.delete(`failed:${key}`) : null
      await Promise.all([giveBack(place), forgiven])
    }
  }

  async function giveBack(place: string): Promise<void> {
    await limiter.reward(place, 1, { customDuration: 3 * SPAN })
  }

  /** Of those who wait here for the same key one asks at a time, in the order in which they came. */
  async function inTurn(key: string, work: () => Promise<Leave>): Promise<Leave> {
    const mine = (turns.get(key) ?? Promise.resolve()).then(work)
    const over = mine.catch(() => {})
    turns.set(key, over)
    try {
      return await mine
    } finally {
      if (turns.get(key) === over) turns.delete(key)
    }
  }

  return { enter }
}

function refuseWhile(shut: { msBeforeNext: number } | null): void {
  if (shut !== null) throw tooManyAttempts(shut.msBeforeNext)
}

/** Below nothing: places that were given back too late. */
function heldIn(places: { consumedPoints: number } | null): number {
  return Math.max(0, places?.consumedPoints ?? 0)
}

/** How often an attempt that waits asks again, milliseconds. */
const POLL = 20

/**
 * Seconds. Places are counted by the span in which they were taken, because a counter ends by the time at which it began,
 * whoever has come to be counted in it since. A place is held for one to two spans if it is not given back: its instance died.
 * The span after our own counts too, for clocks that are ahead of ours.
 */
const SPAN = 30
