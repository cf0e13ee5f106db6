import type { History, Op } from '../history.ts'
import type { Report } from './report.ts'
import { mayHaveHappened, overlaps, type Person } from './story.ts'

/**
 * ROLE, DISABLED, PASSWORD: what was switched off stays off until somebody begins to switch it on. A role that was withdrawn
 * opens nothing; a disabled account lets nobody in; an old password signs nobody in. Not where SQL lost commits: what it
 * forgot it cannot hold.
 */
export function checkSwitches({ ops, stories }: Person, history: History, report: Report): void {
  if (history.lost.sql) return
  const accepted = stories.flatMap((story) => story.accepted)
  const logins = ops.filter((op) => op.type === 'login' && op.res === 'ok')
  const are = (type: Op['type']) => ops.filter((op) => op.type === type)

  const admin = are('admin').filter((op) => op.res === 'ok' && !overlaps(op, history.believed))
  for (const op of findWrong(admin, are('withdraw'), are('grant')))
    report('ROLE', op, 'accepted without the role')
  for (const op of findWrong([...accepted, ...logins], are('disable'), are('enable')))
    report('DISABLED', op, `${op.type} though the account was disabled`)
  for (const [password, own] of Map.groupBy(logins, (op) => op.password)) {
    if (password === null) continue // a backend vouched for them
    const away = are('password').filter((op) => op.password !== password)
    const to = are('password').filter((op) => op.password === password)
    for (const op of findWrong(own, away, to))
      report('PASSWORD', op, 'signed in with a password from before a change')
  }
}

/** Those of `uses` that began after an `off` was acknowledged and were answered before an `on` can have happened. */
function findWrong(uses: readonly Op[], off: readonly Op[], on: readonly Op[]): Op[] {
  return uses.filter((use) => {
    const last = Math.max(...off.filter((o) => o.res === 'ok' && o.t1 < use.t0).map((o) => o.t0))
    if (last === Number.NEGATIVE_INFINITY) return false
    return !on.some((o) => o.t0 < use.t1 && mayHaveHappened(o) && (o.t1 > last || o.res === 'info'))
  })
}

/** CREDENTIALS: the right password is refused only where another may have been set, or the account disabled. */
export function checkCredentials({ ops }: Person, report: Report): void {
  const changes = ops.filter(
    (op) => (op.type === 'password' || op.type === 'disable') && mayHaveHappened(op),
  )
  for (const op of ops) {
    if (op.reason !== 'invalid_credentials') continue
    if (!changes.some((change) => change !== op && change.t0 < op.t1))
      report('CREDENTIALS', op, 'the right password was refused')
  }
}

/** BUG: a 500 is one, whoever gets it. */
export function checkBugs(ops: readonly Op[], report: Report): void {
  for (const op of ops) if (op.code === 500) report('BUG', op, `${op.type} was answered 500`)
}
