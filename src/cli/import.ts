import type { Accounts } from '../accounts/accounts.ts'
import { newHandle, type RandomBytes } from '../sessions/token.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { ON_COMMAND_LINE } from './event.ts'
import type { BadLine, UserFile } from './user-file.ts'

type ImportParts = { accounts: Accounts; timeline: Timeline; random: RandomBytes; clock: () => number }

/** How many were made, and which lines were not, by their number. */
export type Imported = { made: number; bad: BadLine[] }

/**
 * Makes an account of every user in the file, in one transaction. If a line is bad or a name is taken nothing is made,
 * unless `partial`. The hashes stay as they are until the first login, which replaces them.
 */
export async function importUsers(
  { accounts, timeline, random, clock }: ImportParts,
  { users, bad }: UserFile,
  partial: boolean,
): Promise<Imported> {
  const now = clock()
  const wanted = users.map(({ username, passwordHash, roles }) => ({
    ...{ id: random(12).toString('base64url'), handle: newHandle(random) },
    ...{ username, passwordHash, roles, createdAt: now },
  }))
  if (bad.length > 0 && !partial) return { made: 0, bad }
  const taken = new Set(await accounts.createAll(wanted, partial))
  const failed = users
    .filter(({ username }) => taken.has(username))
    .map(({ line, username }) => ({ line, problem: `${username} has an account already` }))
  const made = taken.size > 0 && !partial ? [] : wanted.filter(({ username }) => !taken.has(username))
  for (const [index, { id }] of made.entries()) {
    timeline.record({ ...ON_COMMAND_LINE, userId: id, type: 'registered', at: now })
    if (index % FLUSH_EVERY === 0) await timeline.flush()
  }
  await timeline.flush()
  return { made: made.length, bad: [...bad, ...failed].sort(byLine) }
}

function byLine(a: BadLine, b: BadLine): number {
  return a.line - b.line
}

/** Far fewer events than the timeline lets wait. */
const FLUSH_EVERY = 1000
