import type { Op, Policy } from '../history.ts'
import type { Report, Rule } from './report.ts'
import type { Person, Story } from './story.ts'

/** Something that was acknowledged, and after which a session is over. */
export type End = { rule: Rule; op: Op }

/**
 * KICK, LOGOUT, REVOKE, DISABLED, PASSWORD, DISPUTE, RESURRECT: nothing is accepted after a newer login, a logout, another
 * ending or a refusal was acknowledged.
 */
export function checkEnds(story: Story, person: Person, policy: Policy, report: Report): void {
  if (story.accepted.length === 0) return
  const ends = [...findEnds(story, person, policy), ...story.denied.map(toRefusal)]
  for (const [rule, some] of Map.groupBy(ends, (end) => end.rule)) {
    const end = some.reduce((a, b) => (a.op.t1 < b.op.t1 ? a : b)).op
    const what = `${end.type} on instance ${end.instance} (${end.reason ?? end.code})`
    for (const op of story.accepted) {
      if (op.t0 > end.t1) report(rule, op, `accepted ${(op.t0 - end.t1).toFixed(1)} ms after ${what}`)
    }
  }
}

/** All that was acknowledged and ended this session, whatever became of it before. */
export function findEnds(story: Story, person: Person, policy: Policy): End[] {
  return person.ops.flatMap((op) => {
    const rule = op === story.born || op.res !== 'ok' ? null : endedBy(op, story, person, policy)
    return rule === null ? [] : [{ rule, op }]
  })
}

function endedBy(op: Op, story: Story, person: Person, { limit }: Policy): Rule | null {
  const isLater = op.t0 > story.born.t1
  const isOwn = op.sid === story.sid
  switch (op.type) {
    case 'login':
      return isOwn || replaces(op, story) || (isLater && limit === 1) ? 'KICK' : null
    case 'logout':
      return isOwn ? 'LOGOUT' : null
    case 'revoke':
      return isLater ? 'REVOKE' : null
    case 'end':
      return op.target === story.login.session?.id ? 'REVOKE' : null
    case 'disable':
      return isLater ? 'DISABLED' : null
    case 'password':
      return isOwn || (isLater && op.issued !== story.sid) ? 'PASSWORD' : null
    case 'dispute':
      return disputed(op, person) === story.login.device ? 'DISPUTE' : null
    default:
      return null
  }
}

/**
 * Whether a login tells that it replaced this session. One with an `Idempotency-Key` that the store has lost is made once more
 * under its id until it is answered: it is then the later of the two.
 */
function replaces(other: Op, { login }: Story): boolean {
  if (login.mayRepeat && other.t0 < login.t1) return false
  return login.session !== null && other.listed.some(({ id }) => id === login.session?.id)
}

/** The device that had replaced the one which disputes, as it was told; null if it was told different ones, or never. */
export function disputed(dispute: Op, { stories }: Person): string | null {
  const story = stories.find(({ sid }) => sid === dispute.sid)
  const told = new Set(story?.denied.flatMap(({ replacedBy }) => replacedBy?.device ?? []))
  const [device] = told
  return told.size === 1 && device !== undefined ? device : null
}

function toRefusal(op: Op): End {
  return { rule: 'RESURRECT', op }
}
