import { type History, type Op, touchInterval } from '../history.ts'
import type { Report } from './report.ts'
import type { Person } from './story.ts'

/**
 * POLICY: whom a login replaces. `replace`: as many as are too many, and one that it named. `ask`: only the one that it named.
 * `refuse`: only one that was not seen for so long. The session that the browser brought makes way in any case, and is not
 * among those that an answer lists.
 */
export function checkPolicy(person: Person, history: History, report: Report): void {
  const { limit, onLimit } = history.policy
  for (const login of person.ops) {
    if (login.type !== 'login' || login.res !== 'ok') continue
    const unnamed = login.listed.filter(({ id }) => onLimit === 'refuse' || id !== login.target)
    if (onLimit === 'ask' && unnamed.length > 0)
      report('POLICY', login, 'replaced a session that it did not name')
    if (unnamed.length > limit) report('POLICY', login, `replaced ${unnamed.length} sessions`)
    if (onLimit !== 'refuse') continue
    for (const { id } of unnamed) checkUnseen(id, login, person, history, report)
  }
}

/** A session that was seen a moment ago is not replaced. What is seen is written down once in a while only. */
function checkUnseen(id: string, login: Op, person: Person, history: History, report: Report): void {
  const { policy, idleTimeout, lost } = history
  if (lost.records) return // the last time that it was seen may have been lost
  const stories = person.stories.filter((story) => story.login.session?.id === id)
  const uses = stories.flatMap(({ born, accepted }) => [born, ...accepted])
  const seen = Math.max(...uses.filter((use) => use.t1 < login.t0).map((use) => use.t0))
  const unseen = login.t1 - seen + touchInterval(idleTimeout) + TOLERANCE
  if (unseen < policy.refuseWhileSeen)
    report('POLICY', login, `replaced a session that was seen ${(login.t1 - seen).toFixed(0)} ms before`)
}

/** Milliseconds: the clock of the driver and the one of the store may drift apart by this much in a run. */
const TOLERANCE = 100
