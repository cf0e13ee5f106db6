import type { History, Op, Policy } from '../history.ts'
import { findEnds } from './ends.ts'
import type { Report } from './report.ts'
import { latest, mayHaveHappened, overlaps, type Person } from './story.ts'

/**
 * WINNER: a login is told that another one won only if there is another one that can have won; or a session that went on under
 * a new password, and has the seat.
 */
export function checkWinners({ ops, logins }: Person, report: Report): void {
  const renewals = ops.filter((op) => op.type === 'password' && mayHaveHappened(op))
  const winners = [...logins, ...renewals]
  for (const op of ops) {
    if (op.reason !== 'login_superseded') continue
    if (!winners.some((other) => other !== op && latest(other) > op.t0 && other.t0 < op.t1))
      report('WINNER', op, 'superseded, and there was no other login')
  }
}

/** FULL: a login is told that all seats are taken only if they may have been, by the sessions that it is told of. */
export function checkFull(
  person: Person,
  { policy, believed }: Pick<History, 'policy' | 'believed'>,
  report: Report,
): void {
  for (const op of person.ops) {
    if (op.reason !== 'session_limit_reached' || overlaps(op, believed)) continue
    if (policy.onLimit === 'replace') report('FULL', op, 'refused, where a login replaces the oldest')
    if (op.listed.length !== policy.limit)
      report('FULL', op, `${op.listed.length} sessions have the ${policy.limit} seats`)
    for (const { device } of op.listed) {
      if (!mayHaveLived(device, op, person, policy))
        report('FULL', op, `${device} is said to have a seat, and cannot have had it`)
    }
  }
}

function mayHaveLived(device: string | null, at: Op, person: Person, policy: Policy): boolean {
  const login = person.logins.find((op) => op.device === device && op.t0 < at.t1)
  if (login === undefined) return false
  const story = person.stories.findLast((each) => each.login === login)
  if (story === undefined) return true // nobody knows what became of this login
  const over = [...story.denied, ...findEnds(story, person, policy).map(({ op }) => op)]
  return !over.some((op) => op.t1 < at.t0)
}
