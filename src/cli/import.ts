import type { Accounts } from '../accounts/accounts.ts'
import { newHandle, type RandomBytes } from '../sessions/token.ts'
import { onCommandLine } from './event.ts'
import type { BadLine, UserFile } from './user-file.ts'

type ImportParts = { accounts: Accounts; random: RandomBytes; clock: () => number }

/** How many were made, and which lines were not, by their number. */
export type Imported = { made: number; bad: BadLine[] }

/**
 * Makes an account of every user in the file. If a line is bad or a name is taken nothing is made, unless `partial`. That is
 * found out first; accounts are then made some hundred at a time, so that nobody else has to wait for long. The hashes stay as
 * they are until the first login, which replaces them.
 */
export async function importUsers(
  { accounts, random, clock }: ImportParts,
  { users, bad }: UserFile,
  partial: boolean,
): Promise<Imported> {
  const now = clock()
  const taken = new Set(await accounts.findTaken(users.map(({ username }) => username)))
  const isTaken = ({ username }: { username: string }) => taken.has(username)
  const failed = () => users.filter(isTaken).map(({ line, username }) => tellTaken(line, username))
  if (bad.length + taken.size > 0 && !partial)
    return { made: 0, bad: [...bad, ...failed()].sort(byLine) }
  const wanted = users
    .filter((user) => !isTaken(user))
    .map(({ username, passwordHash, roles }) => ({
      ...{ id: random(12).toString('base64url'), handle: newHandle(random) },
      ...{ username, passwordHash, roles, createdAt: now },
    }))
  const late = await accounts.createAll(wanted, onCommandLine('registered', now))
  for (const username of late) taken.add(username)
  return { made: wanted.length - late.length, bad: [...bad, ...failed()].sort(byLine) }
}

function tellTaken(line: number, username: string): BadLine {
  return { line, problem: `${username} has an account already` }
}

function byLine(a: BadLine, b: BadLine): number {
  return a.line - b.line
}
