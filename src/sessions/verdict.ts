import type { Changes, NumberedUser } from './numbers.ts'
import type { SessionRecord } from './record.ts'

/** What a record comes to beside the number that SQL has. */
export type Verdict =
  | { kind: 'agrees' | 'under way' | 'lost' | 'SQL went back' }
  /** A change was cut off before it reached the record; up to this number all is known. */
  | { kind: 'cut off'; number: number }

type Circumstances = {
  /** Whether the record was last confirmed under the history that it was read under. */
  isSameHistory: boolean
  /** Whether nobody looks again while a change is under way. */
  isLast: boolean
  /** Numbers that the caller has raised and not used yet. */
  mine: readonly number[]
}

/**
 * What it means that SQL has this number. A number that SQL has and the record has not belongs to a change that is under way
 * or was cut off, and is open; or the store has lost it.
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
  // Cut off: under the same history it never reached the store. Under another it may have, and a device was told so.
  return isSameHistory || others.length === 0 ? { kind: 'cut off', number } : { kind: 'lost' }
}

/**
 * Whether all numbers between that of the record and `user.number` belong to changes that nobody was told to be done. If
 * not, the store has lost one of them, or the record has changed since it was read: `compare` finds out.
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

/** Milliseconds after which a change that is not done was cut off: longer than one can take. */
export const DEAD = 4_000
