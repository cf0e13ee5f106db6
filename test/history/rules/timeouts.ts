import { type History, isExtendedBy, type Op, touchInterval } from '../history.ts'
import type { Report } from './report.ts'
import type { Story } from './story.ts'

/** IDLE, ABSOLUTE: nothing is accepted once a deadline has passed. */
export function checkTimeouts(
  story: Story,
  { idleTimeout, absoluteTimeout }: Pick<History, 'idleTimeout' | 'absoluteTimeout'>,
  report: Report,
): void {
  const { born, login, accepted, used } = story
  for (const op of accepted) {
    const age = op.t0 - login.t1
    if (age > absoluteTimeout + TOLERANCE) report('ABSOLUTE', op, `accepted at ${age.toFixed(0)} ms`)
    // Any use may have moved the deadline, also one whose answer got lost, at any moment until that was known.
    const before = used.filter((use) => use !== op && use.t0 < op.t0)
    const latest = Math.max(born.t1, ...before.map((use) => use.t1))
    if (op.t0 - latest > idleTimeout + TOLERANCE)
      report('IDLE', op, `accepted ${(op.t0 - latest).toFixed(0)} ms after its last use`)
  }
}

/** When a session cannot have run out yet, unless the store lost that it was used. */
export function earliestEnds(
  story: Story,
  { idleTimeout, absoluteTimeout, lost, sqlAway }: History,
  before: number,
): { session_idle: number; session_expired: number } {
  const uses = lost.records ? [] : chainOf(story).flatMap(ownUses)
  const moved = uses
    .filter((use) => use.t1 < before && isExtendedBy(use, sqlAway))
    .map((use) => use.t0 - touchInterval(idleTimeout) + idleTimeout)
  return {
    session_idle: Math.max(story.login.t0 + idleTimeout, ...moved) - LATENESS,
    session_expired: story.login.t0 + absoluteTimeout - LATENESS,
  }
}

/** That another session of the user was shown it in a list is no use of it. */
function ownUses({ sid, accepted }: Story): Op[] {
  return accepted.filter((use) => use.sid === sid)
}

function chainOf(story: Story): Story[] {
  return story.before === null ? [story] : [story, ...chainOf(story.before)]
}

/** Milliseconds: the clock of the driver and the one of the store may drift apart by this much in a run. */
const TOLERANCE = 100

/** Milliseconds: an instance knows the time of the store by its answers, and these come late when the machine is busy. */
const LATENESS = 500
