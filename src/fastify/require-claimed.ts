import { Refusal } from '../errors.ts'
import type { Claimed, Full } from '../sessions/sessions.ts'
import { viewSession } from './session-view.ts'

/** The session of a login. Throws `session_limit_reached`, with the user's live sessions, if the policy let it replace none. */
export function requireClaimed(outcome: Claimed | Full): Claimed {
  if (outcome.kind === 'claimed') return outcome
  const taken = outcome.sessions.map((session) => viewSession(session, null))
  throw new Refusal('session_limit_reached', { members: { sessions: taken } })
}
