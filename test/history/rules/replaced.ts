import type { Op, Policy } from '../history.ts'
import { isCookieOf, latest, type Person, type Story } from './story.ts'

/**
 * What is wrong with a refusal that says "replaced"; null if it may be true. It has to name a login, by device and time, which
 * may have come later and was allowed to take this seat.
 */
export function checkReplaced(op: Op, story: Story, person: Person, policy: Policy): string | null {
  const { logins } = person
  const { replacedBy } = op
  if (replacedBy === null) return 'it does not say by whom'
  const others = logins.filter((login) => login !== story.login && login.t0 < op.t1)
  const later = others.filter((login) => latest(login) > story.login.t0)
  const by = later.find((login) => login.device === replacedBy.device)
  if (by === undefined) return `by ${replacedBy.device}, which did not sign in later`
  if (!fitsTime(by, replacedBy.at, op)) return `by ${replacedBy.device}, at another time`
  const needed = policy.limit - 1
  const room = (policy.onLimit === 'refuse' ? others : later).length - 1
  const isBrought = isCookieOf(by.sid, op, story, person)
  const isMeant = isBrought || (by.target === story.login.session?.id && by.target !== null)
  if (!isMeant && policy.onLimit === 'ask') return 'it was neither brought nor named'
  if (!isMeant && room < needed) return `there was a seat left, with ${room} other logins`
  return null
}

/** The answer to a login says when it was. Of one whose answer got lost, the clocks tell it roughly. */
function fitsTime(login: Op, at: number, told: Op): boolean {
  if (login.session !== null) return login.session.createdAt === at
  const [from, to] = [login.t0, told.t1].map((t) => performance.timeOrigin + t) as [number, number]
  return at > from - TOLERANCE && at < to + TOLERANCE
}

/** Milliseconds: the clock of the store as an instance knows it may lag behind by as much as its answers were late. */
const TOLERANCE = 2_500
