import { type History, isExtendedBy, type Op, type Window } from './history.ts'
import { mayHaveHappened } from './rules/story.ts'

/** How well the service was there. */
export type Availability = {
  /** Share of the requests that were answered (2xx to 4xx) while something was broken; null if nothing was. */
  duringFaults: number | null
  /** Requests without an answer (5xx, reset, timeout) although nothing had been broken for `RECOVERY`. */
  errorsOutside: Op[]
  /** Refusals of a session that nothing had ended. */
  wronglyDenied: Op[]
  /** Milliseconds of the slowest answer of an instance that was not itself standing still or killed. */
  slowest: number
}

export function measureAvailability(history: History): Availability {
  const { windows } = history
  const ops = history.ops.filter((op) => op.type !== 'ended' || op.res === 'info') // a stream lasts as long as it likes
  const grace = windows.map(({ from, to }) => ({ from, to: to + RECOVERY }))
  const during = ops.filter((op) => meets(op, windows))
  const answered = ops.filter((op) => op.code !== 0)
  return {
    duringFaults: during.length === 0 ? null : during.filter(isAnswered).length / during.length,
    errorsOutside: ops.filter((op) => !isAnswered(op) && !meets(op, grace)),
    wronglyDenied: findWronglyDenied(history),
    slowest: Math.max(0, ...answered.map((op) => op.t1 - op.t0)),
  }
}

/**
 * A session was denied although it was the newest of its user, nothing that could have ended it had even begun, and it was
 * in constant use.
 */
function findWronglyDenied({ ops, idleTimeout, absoluteTimeout, sqlAway }: History): Op[] {
  const wrong: Op[] = []
  for (const own of Map.groupBy(ops, (op) => op.user).values()) {
    const births = new Map<string | null, Op>()
    for (const op of own) if (op.issued !== null) births.set(op.issued, op)
    const endings = own.filter((op) => ENDINGS.has(op.type) && mayHaveHappened(op))
    for (const op of own) {
      const born = births.get(op.sid)
      if (op.res !== 'denied' || born === undefined) continue
      const ended = endings.some(
        (other) =>
          other !== born &&
          other.t0 < op.t1 &&
          other.t1 > (other.res === 'info' ? -1 : born.t0) &&
          (other.type !== 'logout' || other.sid === op.sid),
      )
      if (ended) continue
      const used = own
        .filter((use) => use.sid === op.sid && use.res === 'ok' && use.t1 < op.t0)
        .filter((use) => isExtendedBy(use, sqlAway))
      const lastUse = Math.max(born.t0, ...used.map((use) => use.t0))
      // A change of password gives a cookie, and no more time.
      const age = born.type === 'login' ? op.t1 - born.t0 : Number.POSITIVE_INFINITY
      if (op.t1 - lastUse < idleTimeout * 0.8 && age < absoluteTimeout) wrong.push(op)
    }
  }
  return wrong
}

const ENDINGS = new Set<Op['type']>([
  'login',
  'logout',
  'revoke',
  'end',
  'disable',
  'password',
  'dispute',
])

function isAnswered(op: Op): boolean {
  return op.code !== 0 && op.code < 500
}

function meets(op: Op, windows: readonly Window[]): boolean {
  return windows.some(({ from, to }) => op.t0 <= to && from <= op.t1)
}

/** Milliseconds after a fault in which it may still be felt. */
const RECOVERY = 3_000
