import type { History, Op } from '../history.ts'
import { disputed } from './ends.ts'
import { checkReplaced } from './replaced.ts'
import type { Report } from './report.ts'
import { isCookieOf, latest, type Person, type Story } from './story.ts'
import { earliestEnds } from './timeouts.ts'

/** REASON: every session that is refused is told the truth: something had begun that ends a session for this reason. */
export function checkReasons(story: Story, person: Person, history: History, report: Report): void {
  for (const op of story.denied) {
    const wrong = findWrong(op, story, person, history)
    if (wrong !== null) report('REASON', op, `${op.reason}: ${wrong}`)
  }
}

/** What is wrong with the reason that was told; null if it may be true. */
function findWrong(op: Op, story: Story, person: Person, history: History): string | null {
  const { lost } = history
  const { session } = story.login
  const did = (type: Op['type'], which: (other: Op) => boolean = () => true) =>
    person.byType.get(type)?.some((o) => o.t0 < op.t1 && which(o))
  const isOwn = (other: Op) => person.stories.some((s) => s.sid === other.sid && s.login === story.login)
  switch (op.reason) {
    case 'session_replaced':
      return checkReplaced(op, story, person, history.policy)
    case 'logged_out':
      return did('logout', (o) => isCookieOf(o.sid, op, story, person)) ||
        did('end', (o) => o.target === session?.id && isOwn(o)) ||
        (lost.records && did('login', (o) => isCookieOf(o.sid, op, story, person))) // what a login brings, it signs out if it is back
        ? null
        : 'nobody signed out with it'
    case 'session_revoked':
      return did('revoke', (o) => latest(o) > story.login.t0) ||
        did('end', (o) => o.target === session?.id && !isOwn(o))
        ? null
        : 'nobody revoked it'
    case 'password_changed':
      return did('password', (o) => latest(o) > story.login.t0) ? null : 'no password was changed'
    case 'user_disabled':
      return did('disable', (o) => latest(o) > story.login.t0) ? null : 'nobody disabled the account'
    case 'session_disputed':
      return did('dispute', (o) => isDisputed(o, story, person)) ? null : 'nobody disputed it'
    case 'session_idle':
    case 'session_expired': {
      const early = earliestEnds(story, history, op.t0)[op.reason] - op.t1
      return early > 0 ? `${early.toFixed()} ms too early` : null
    }
    case 'session_lost':
      return lost.records || lost.sql || lost.numbers ? null : 'nothing was lost'
    case 'unauthenticated':
      return lost.records || countLater(story, person) + history.policy.limit > REMEMBERED
        ? null
        : `the session really existed, and ${countLater(story, person)} at most came after it`
    default:
      return 'no reason of an ended session'
  }
}

/** A dispute is about the login of the device that replaced the one which disputes, and about all since. */
function isDisputed(op: Op, { login }: Story, person: Person): boolean {
  const device = disputed(op, person)
  if (device === null || device === login.device) return true
  const since = person.logins.some((other) => other.device === device && other.t0 < latest(login))
  return since && login.t0 < latest(op)
}

/** How many sessions of the user may have begun after this one. What nobody knows the outcome of may have made one too. */
function countLater(story: Story, { stories, byType }: Person): number {
  const known = stories.filter((other) => other.born.t1 > story.born.t1)
  const makers = [...(byType.get('login') ?? []), ...(byType.get('password') ?? [])]
  return known.length + makers.filter((op) => op.res === 'info').length
}

/** How many ended sessions of a user are remembered, if they were brief and there were many before them. */
const REMEMBERED = 56
