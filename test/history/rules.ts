import type { History } from './history.ts'
import { checkBirths, collectBirths } from './rules/births.ts'
import { checkEnds } from './rules/ends.ts'
import { checkOrder } from './rules/order.ts'
import { checkPolicy } from './rules/policies.ts'
import { checkReasons } from './rules/reasons.ts'
import { checkFull, checkWinners } from './rules/refusals.ts'
import type { Report, Violation } from './rules/report.ts'
import { checkLists, checkSeats } from './rules/seats.ts'
import { collectPeople } from './rules/story.ts'
import { checkStreams } from './rules/streams.ts'
import { checkBugs, checkCredentials, checkSwitches } from './rules/switches.ts'
import { checkTimeouts } from './rules/timeouts.ts'

/**
 * Holds a history against the seats that each user has: a login takes one, an ending gives it back, and a request may read
 * them. Every rule follows from that, for every order that the intervals of the operations allow. Losing a session is no
 * violation, accepting one after its end was acknowledged always is.
 */
export function findViolations(history: History): Violation[] {
  const { ops, policy } = history
  const violations: Violation[] = []
  const report: Report = (rule, op, detail) => void violations.push({ rule, op, detail })
  const births = collectBirths(ops, report)
  checkBirths(ops, births, report)
  checkBugs(ops, report)
  for (const person of collectPeople(history, births).values()) {
    for (const story of person.stories) {
      checkEnds(story, person, policy, report)
      checkTimeouts(story, history, report)
      checkReasons(story, person, history, report)
      checkStreams(story, person, history, report)
    }
    if (policy.limit === 1) checkOrder(person.stories, report)
    checkSeats(person, policy, report)
    checkLists(person, policy, report)
    checkSwitches(person, history, report)
    checkCredentials(person, report)
    checkWinners(person, report)
    checkFull(person, history, report)
    checkPolicy(person, history, report)
  }
  return violations
}
