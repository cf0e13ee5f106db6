import type { Fence, LoadedRecord } from './fence.ts'
import { ATTEMPTS } from './fence.ts'
import type { Changes, Effect, LoginNumbers, NumberedUser, OpenChange } from './numbers.ts'
import type { LimitPolicy } from './options.ts'
import { applyUser } from './rules.ts'
import type { SessionStore } from './store.ts'
import type { RandomBytes } from './token.ts'
import { isComplete } from './verdict.ts'

/** What the parts of the core share. */
export type Core = {
  store: SessionStore
  numbers: LoginNumbers
  changes: Changes
  fence: Fence
  policyFor: (roles: readonly string[]) => LimitPolicy
  /** How often two devices may sign each other out within a minute. */
  kickWarLimit: number
  random: RandomBytes
  /** Milliseconds. */
  idleTimeout: number
  absoluteTimeout: number
  /** The keys for hashing secrets: new sessions use the first, existing sessions are found with any. */
  keys: readonly string[]
}

/**
 * Closes numbers in SQL. The last one did `did`, or nothing (null); the earlier ones did nothing, because others were faster.
 */
export function closeNumbers(
  { changes }: Core,
  numbers: readonly OpenChange[],
  did: Effect | null,
): Promise<void> {
  const last = numbers.length - 1
  return changes.close(numbers.map((change, i) => ({ ...change, did: i === last ? did : null })))
}

/**
 * Closes numbers that changed no session. The record has to have the number first: a record behind a closed number looks as if
 * the store had lost a change. If the record cannot be written now, the numbers stay open, and `completeChanges` closes them.
 */
export async function closeUnused(
  core: Core,
  user: NumberedUser,
  numbers: readonly OpenChange[],
  from: LoadedRecord,
): Promise<void> {
  const { store, changes, fence } = core
  let loaded = from
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { record } = loaded
    if (record === null || record.number >= user.number) return closeNumbers(core, numbers, null)
    const isNext = await isComplete(changes, record, user)
    if (isNext) await fence.swap(user.handle, loaded, applyUser(record, user, store.now()))
    loaded = await fence.load(user.handle)
    if (!isNext && loaded.record?.number === record.number) return
  }
}
