import type { Settings } from '../../schemas/settings.ts'
import type { Sessions } from '../../src/sessions/sessions.ts'

export type Policy = Settings['ON_LIMIT']

/** The policies, as the setting `ON_LIMIT` has them. */
export const POLICIES = ['replace', 'refuse', 'ask'] as const satisfies Policy[]

/** Sessions whose policy can be changed while they run: a login asks for it, and so does how often a use is noted. */
export function switchable(sessionsUnder: (policy: Policy) => Sessions) {
  const each = Object.fromEntries(POLICIES.map((policy) => [policy, sessionsUnder(policy)])) as Record<
    Policy,
    Sessions
  >
  let policy: Policy = 'replace'
  const sessions: Sessions = {
    ...each.replace,
    claim: (login) => each[policy].claim(login),
    isDue: (live) => each[policy].isDue(live),
    extend: (live) => each[policy].extend(live),
  }
  return {
    sessions,
    chosen: () => policy,
    choose: (next: Policy) => {
      policy = next
    },
  }
}
