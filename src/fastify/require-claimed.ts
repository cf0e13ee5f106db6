import { Refusal } from '../errors.ts'
import type { Claimed, Full } from '../sessions/sessions.ts'
import { viewSession } from './session-view.ts'

/** A login that is a session now. Throws `session_limit_reached`, with the sessions that there are, if the policy lets it replace none. */
export function requireClaimed(outcome: Claimed | Full): Claimed {
  if (outcome.kind === 'claimed') return outcome
  const taken = outcome.sessions.map((session) => viewSession(session, null))
  throw new Refusal('session_limit_reached', { members: { sessions: taken } })
}
