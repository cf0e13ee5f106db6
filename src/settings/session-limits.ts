import type { Settings } from '../../schemas/settings.ts'
import type { LimitPolicy } from '../sessions/rules.ts'

/**
 * How many sessions the roles of a user give: the highest limit that one of them names, else `SESSION_LIMIT`. It is asked
 * for at every look at a session, so a lowered limit ends the oldest sessions above it at once.
 */
export function limitPolicies(
  settings: Pick<Settings, 'SESSION_LIMIT' | 'SESSION_LIMIT_BY_ROLE' | 'ON_LIMIT' | 'REFUSE_WHILE_SEEN'>,
): (roles: readonly string[]) => LimitPolicy {
  const byRole = new Map(settings.SESSION_LIMIT_BY_ROLE.map(toEntry))
  const usual = policyOf(settings.SESSION_LIMIT)
  const policies = new Map([...byRole.values()].map((limit) => [limit, policyOf(limit)]))

  return (roles) => {
    if (byRole.size === 0) return usual
    let limit = 0
    for (const role of roles) limit = Math.max(limit, byRole.get(role) ?? 0)
    return policies.get(limit) ?? usual
  }

  function policyOf(limit: number): LimitPolicy {
    return { limit, onLimit: settings.ON_LIMIT, refuseWhileSeen: settings.REFUSE_WHILE_SEEN }
  }
}

function toEntry(text: string): [role: string, limit: number] {
  const [role = '', limit] = text.split(':')
  return [role, Number(limit)]
}
