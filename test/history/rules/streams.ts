import type { History } from '../history.ts'
import { type End, findEnds } from './ends.ts'
import type { Report } from './report.ts'
import type { Person, Story } from './story.ts'

/**
 * STREAM: a stream of events says that its session has ended, soon after that was acknowledged. What it says is held against
 * the other rules as the refusal that it is: the reason has to be true, and nothing may be accepted afterwards.
 */
export function checkStreams(
  story: Story,
  person: Person,
  { windows, policy, tellsOthers }: Pick<History, 'windows' | 'policy' | 'tellsOthers'>,
  report: Report,
): void {
  const silent = person.ops.filter(
    (op) => op.type === 'ended' && op.sid === story.sid && op.res === 'ok',
  )
  if (silent.length === 0) return
  const [first] = endsOf(story, person, policy).toSorted((a, b) => a.op.t1 - b.op.t1)
  if (first === undefined) return
  const end = first.op.t1
  for (const op of silent) {
    const since = Math.max(end, op.t0, ...windows.map(({ to }) => to).filter((to) => to < op.t1))
    const isBroken = windows.some(({ from, to }) => from < op.t1 && op.t1 < to)
    const patience = tellsOthers && windows.length === 0 ? NOTICE : LOOK
    if (!isBroken && op.t1 - since > patience)
      report('STREAM', op, `silent ${(op.t1 - end).toFixed(0)} ms after ${first.op.type}`)
  }
}

/** What ends the session of a stream. A new password of its own does not: the session goes on under another cookie. */
function endsOf(story: Story, person: Person, policy: History['policy']): End[] {
  const next = person.stories.find(({ before }) => before === story)
  const ends = findEnds(story, person, policy)
  if (next === undefined) return ends
  return [...ends.filter(({ op }) => op !== next.born), ...endsOf(next, person, policy)]
}

/**
 * Milliseconds. With Redis word goes round at once. Without it, or if word gets lost, a stream looks by itself every five seconds.
 */
const NOTICE = 3_000
const LOOK = 6_500
