import type { Changes, NumberedUser } from './numbers.ts'
import type { SessionRecord } from './record.ts'

/** How a record compares with the number that SQL has. */
export type Verdict =
  | { kind: 'agrees' | 'under way' | 'lost' | 'SQL went back' }
  /** Changes were cut off before they reached the record. SQL has all of them, up to this number. */
  | { kind: 'cut off'; number: number }

type Circumstances = {
  /** Whether the record was last confirmed under the history that it was read under. */
  isSameHistory: boolean
  /** Whether this is the last look at a change that is under way. */
  isLast: boolean
  /** Numbers that the caller has raised and not used yet. */
  mine: readonly number[]
}

/**
 * Judges a record by the number in SQL. If SQL has a number that the record has not, its change is either open (under way, or cut
 * off), or the store has lost it.
 */
export async function judge(
  changes: Pick<Changes, 'openOf'>,
  record: SessionRecord,
  user: NumberedUser,
  { isSameHistory, isLast, mine }: Circumstances,
): Promise<Verdict> {
  const number = mine.includes(user.number) ? user.number - 1 : user.number
  if (number === record.number) return { kind: 'agrees' }
  if (number < record.number) return { kind: 'SQL went back' }
  const missing = (await changes.openOf(user.id)).filter((change) => {
    return change.number > record.number && change.number <= number
  })
  if (missing.length < number - record.number) return { kind: 'lost' }
  const others = missing.filter((change) => change.kind !== 'update' && !mine.includes(change.number))
  if (others.some(({ age }) => age < DEAD)) {
    return { kind: isLast && !isSameHistory ? 'lost' : 'under way' }
  }
  // The change was cut off. Under the same history it never reached the store. Under another it may have, and a device may have
  // been told so.
  return isSameHistory || others.length === 0 ? { kind: 'cut off', number } : { kind: 'lost' }
}

/**
 * Whether all changes between the record's number and `user.number` are still open. If not, the store has lost one of them, or
 * the record has changed since it was read: `compare` finds out.
 */
export async function isComplete(
  changes: Pick<Changes, 'openOf'>,
  record: SessionRecord,
  user: NumberedUser,
): Promise<boolean> {
  if (user.number <= record.number + 1) return true
  const missing = await changes.openOf(user.id)
  const between = missing.filter(({ number }) => number > record.number && number < user.number)
  return between.length === user.number - record.number - 1
}

/** Milliseconds after which an open change counts as cut off. No change can take that long. */
export const DEAD = 4_000
