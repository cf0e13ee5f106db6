import type { Policy } from '../history.ts'
import type { Report } from './report.ts'
import type { Person, Story } from './story.ts'

/**
 * SEATS: at no moment more sessions live than there are seats. A session lived for sure from the answer to its login until
 * the last request that was accepted began; and a login that was answered 200 lived at some moment while it was under way.
 */
export function checkSeats({ stories }: Person, { limit }: Policy, report: Report): void {
  const lived = stories.map((story) => ({ story, from: story.born.t1, to: lastAccepted(story) }))
  for (const { story, to } of lived) {
    const { t0, t1 } = story.born
    const others = lived.filter((other) => !isSame(other.story, story) && other.from <= t1)
    const throughout = others.filter((other) => other.from < t0 && other.to > t1)
    const atItsEnd = to > t1 ? others.filter((other) => other.to > t1) : []
    const count = 1 + Math.max(throughout.length, atItsEnd.length)
    if (count > limit) report('SEATS', story.born, `${count} sessions of one user lived at once`)
  }
}

function lastAccepted({ accepted }: Story): number {
  return Math.max(...accepted.map((op) => op.t0))
}

/** One session under two cookies, which follow each other. */
function isSame(a: Story, b: Story): boolean {
  return a.login === b.login
}

/** LIST: a list of sessions has only sessions of that user, no more than there are seats. */
export function checkLists({ ops, logins }: Person, { limit }: Policy, report: Report): void {
  for (const op of ops) {
    if (op.type !== 'sessions' || op.res !== 'ok') continue
    if (op.listed.length > limit) report('LIST', op, `${op.listed.length} sessions in the list`)
    for (const { device } of op.listed) {
      if (!logins.some((login) => login.device === device && login.t0 < op.t1))
        report('LIST', op, `a session that no login began: ${device}`)
    }
  }
}
