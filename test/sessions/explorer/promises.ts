import type { SessionState } from '../../../src/sessions/sessions.ts'
import type { Run } from './run.ts'
import type { Probe } from './start.ts'

/** Asks what would be said of a session now. */
export type Ask = (session: string) => Promise<Probe>

/**
 * The promises of the README, asked of the state a run is in; a sentence says which is broken. Also notes which sessions
 * may never be accepted from here on.
 */
export async function brokenPromise(run: Run, ask: Ask): Promise<string | null> {
  for (const session of mustBeOver(run)) run.over.add(session)
  for (const answer of run.answers) {
    const { name } = answer.deed
    const { over, newest } = run.before(name)
    if (answer.kind === 'asked' && answer.found?.state === 'live' && over.includes(answer.deed.of))
      return `${name} was let in with ${answer.deed.of}, which was over when it began`
    if (answer.kind === 'signed in' && answer.claimed.session.epoch <= newest)
      return `${name} got number ${answer.claimed.session.epoch}, not above that of an earlier login`
  }
  const live: string[] = []
  for (const session of run.sessions.keys()) {
    const { found, wrote } = await ask(session)
    if (found?.state === 'live') {
      live.push(session)
      if (run.over.has(session)) return `${session} is accepted, and was over before`
    } else {
      const wrong = run.faulty ? null : wronglyTold(run, session, found)
      if (wrong !== null) return wrong
      if (!wrote) run.over.add(session) // else it is over only for those who ask now, and nobody did
    }
  }
  if (live.length > run.scenario.policy.limit) return `${live.join(' and ')} are accepted together`
  return null
}

/** What must be so when everybody has been answered and nothing was lost: nobody is out without a cause. */
export async function brokenEnd(run: Run, ask: Ask): Promise<string | null> {
  if (run.faulty) return null
  const kinds = new Set(run.scenario.actors.map((plan) => plan.kind))
  const isOpen = !kinds.has('revoke') && !kinds.has('disable') && !kinds.has('password')
  if (isOpen && kinds.has('login') && !run.answers.some((answer) => answer.kind === 'signed in'))
    return 'no login got in'
  const over = mustBeOver(run)
  for (const session of run.sessions.keys()) {
    const { found } = await ask(session)
    if (found?.state !== 'live' && !over.has(session) && !kinds.has('revoke'))
      return `${session} is out, and nobody ended it`
  }
  return null
}

/** The sessions that, by what everybody was told so far, have ended. */
function mustBeOver(run: Run): Set<string> {
  const over = new Set<string>()
  const sessions = run.sessions
  const addAll = (names: Iterable<string>) => {
    for (const name of names) over.add(name)
  }
  for (const answer of run.answers) {
    const { deed } = answer
    if (answer.kind === 'refused') continue
    if (answer.kind === 'asked' && answer.found?.state !== 'live') over.add(answer.deed.of)
    if (answer.kind === 'signed in') addAll(answer.claimed.replaced.map(({ id }) => run.nameOf(id)))
    if (deed.kind === 'login' && deed.presents !== undefined) over.add(deed.presents)
    if (deed.kind === 'logout') over.add(deed.of)
    if (deed.kind === 'revoke') addAll(run.before(deed.name).sessions)
    if (deed.kind === 'disable') addAll(sessions.keys())
    if (deed.kind === 'password') addAll([...sessions.keys()].filter((name) => name !== deed.name))
  }
  if (run.scenario.policy.limit === 1) {
    const newest = Math.max(0, ...sessions.values())
    for (const [session, epoch] of sessions) if (epoch < newest) over.add(session)
  }
  return over
}

/** Nothing was put back in time: everybody is told the true reason, and by whom. */
function wronglyTold(run: Run, session: string, found: SessionState | null): string | null {
  if (found?.state !== 'ended') return `${session} is told nothing`
  const { reason, replacedBy } = found.ended
  const causes = run.scenario.actors.map((plan): string | null => {
    if (plan.kind === 'logout') return plan.of === session ? 'logged_out' : null
    if (plan.kind === 'password') return 'password_changed'
    if (plan.kind === 'disable') return 'user_disabled'
    if (plan.kind === 'revoke') return 'session_revoked'
    return plan.kind === 'login' && plan.name !== session ? 'session_replaced' : null
  })
  if (!causes.includes(reason)) return `${session} is told ${reason}`
  const isNamed = reason !== 'session_replaced' || replacedBy !== null
  return isNamed ? null : `${session} is not told who replaced it`
}
