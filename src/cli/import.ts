import { setTimeout as pause } from 'node:timers/promises'
import type { Accounts, NewAccount } from '../accounts/accounts.ts'
import { newHandle, type RandomBytes } from '../sessions/token.ts'
import { onCommandLine } from '../timeline/note.ts'
import { showPlainly } from './explain.ts'
import type { BadLine, ImportedUser, UserFile } from './user-file.ts'

type ImportParts = { accounts: Accounts; random: RandomBytes; clock: () => number }

/** How many accounts were made, and the bad lines. */
export type Imported = { made: number; bad: BadLine[] }

/**
 * Makes an account for every user in the file. All lines are checked first: if one is bad or a name is taken, nothing is made,
 * unless `partial`. Each batch is a transaction, so that a service on the same database can write in between. A hash stays as it
 * is until the first login replaces it.
 */
export async function importUsers(
  parts: ImportParts,
  { users, bad }: UserFile,
  partial: boolean,
): Promise<Imported> {
  const problems = [...bad]
  const wanted: ImportedUser[] = []
  for (const batch of batches(users)) {
    const taken = new Set(await parts.accounts.findTaken(batch.map(({ username }) => username)))
    problems.push(...batch.filter(({ username }) => taken.has(username)).map(tellTaken))
    wanted.push(...batch.filter(({ username }) => !taken.has(username)))
  }
  if (problems.length > 0 && !partial) return { made: 0, bad: problems.sort(byLine) }
  let made = 0
  for (const batch of batches(wanted)) {
    const taken = await makeAccounts(parts, batch)
    problems.push(...taken.map(tellTaken)) // taken by a sign-up in the meantime
    made += batch.length - taken.length
    await pause(TURN)
  }
  return { made, bad: problems.sort(byLine) }
}

/** Makes the accounts of a batch; gives those users whose name was taken. */
async function makeAccounts(
  { accounts, random, clock }: ImportParts,
  users: readonly ImportedUser[],
): Promise<ImportedUser[]> {
  const at = clock()
  const wanted: NewAccount[] = users.map(({ username, passwordHash, roles }) => ({
    ...{ id: random(12).toString('base64url'), handle: newHandle(random) },
    ...{ username, passwordHash, roles, createdAt: at },
  }))
  const late = await accounts.createAll(wanted, onCommandLine('registered', at))
  const taken = new Set(late.map(({ username }) => username))
  return users.filter(({ username }) => taken.has(username))
}

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += BATCH) yield all.slice(start, start + BATCH)
}

function tellTaken({ line, username }: ImportedUser): BadLine {
  return { line, problem: `${username} is taken: it, or a name that looks the same, has an account` }
}

/** The first bad lines, as text that is safe for a terminal, whatever the file contains. */
export function* tellBadLines(file: string, bad: readonly BadLine[]): Generator<string> {
  for (const { line, problem } of bad.slice(0, SHOWN)) yield showPlainly(`${file}:${line}: ${problem}`)
  if (bad.length > SHOWN) yield `${file}: these are the first ${SHOWN} of ${bad.length} bad lines`
}

function byLine(a: BadLine, b: BadLine): number {
  return a.line - b.line
}

const SHOWN = 10
/** Users in one transaction, which locks SQLite for some 10 ms, and the milliseconds for other writers between two of them. */
const BATCH = 200
const TURN = 10
