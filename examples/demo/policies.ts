import type { Settings } from '../../schemas/settings.ts'
import type { Sessions } from '../../src/sessions/sessions.ts'

export type Policy = Settings['ON_LIMIT']

/** The values of the setting `ON_LIMIT`. */
export const POLICIES = ['replace', 'refuse', 'ask'] as const satisfies Policy[]

/** Makes sessions whose policy can be changed while the demo runs: each login uses the current one. */
export function switchable(sessionsUnder: (policy: Policy) => Sessions) {
  const each = Object.fromEntries(POLICIES.map((policy) => [policy, sessionsUnder(policy)])) as Record<
    Policy,
    Sessions
  >
  let policy: Policy = 'replace'
  // Uses are stored as `refuse` needs them. Otherwise sessions from before a switch would look as if they were never used.
  const sessions: Sessions = { ...each.refuse, claim: (login) => each[policy].claim(login) }
  return {
    sessions,
    chosen: () => policy,
    choose: (next: Policy) => {
      policy = next
    },
  }
}
