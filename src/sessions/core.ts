import type { Fence, LoadedRecord } from './fence.ts'
import { ATTEMPTS } from './fence.ts'
import type { Changes, Effect, LoginNumbers, NumberedUser, OpenChange } from './numbers.ts'
import type { LimitPolicy } from './options.ts'
import { applyUser } from './rules.ts'
import type { SessionStore } from './store.ts'
import type { RandomBytes } from './token.ts'
import { isComplete } from './verdict.ts'

/** What the parts of the core have in common. */
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
  /** What secrets are hashed with: the first for new sessions, all for those that there are. */
  keys: readonly string[]
}

/** Takes note what came of numbers: the last one did this, or nothing (null); those before it were used up by others. */
export function closeNumbers(
  { changes }: Core,
  numbers: readonly OpenChange[],
  did: Effect | null,
): Promise<void> {
  const last = numbers.length - 1
  return changes.close(numbers.map((change, i) => ({ ...change, did: i === last ? did : null })))
}

/**
 * Takes note that numbers changed no session. The record has to have them first: a record that stays behind a closed number
 * looks as if the store had lost a change. If it cannot be written now, they stay open, and `completeChanges` closes them.
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
