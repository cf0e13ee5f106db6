import type { Settings } from '../../schemas/settings.ts'
import type { Sessions } from '../../src/sessions/sessions.ts'

export type Policy = Settings['ON_LIMIT']

/** The policies, as the setting `ON_LIMIT` has them. */
export const POLICIES = ['replace', 'refuse', 'ask'] as const satisfies Policy[]

/** Sessions whose policy can be changed while they run: a login asks for it. */
export function switchable(sessionsUnder: (policy: Policy) => Sessions) {
  const each = Object.fromEntries(POLICIES.map((policy) => [policy, sessionsUnder(policy)])) as Record<
    Policy,
    Sessions
  >
  let policy: Policy = 'replace'
  // Uses are noted as `refuse` needs it, or who signed in before the switch would look as if they had never been there.
  const sessions: Sessions = { ...each.refuse, claim: (login) => each[policy].claim(login) }
  return {
    sessions,
    chosen: () => policy,
    choose: (next: Policy) => {
      policy = next
    },
  }
}
