import type { Fence, LoadedRecord } from './fence.ts'
import { ATTEMPTS } from './fence.ts'
import type { Changes, LoginNumbers, NumberedUser, OpenChange } from './numbers.ts'
import { applyUser, type LimitPolicy } from './rules.ts'
import type { SessionStore } from './store.ts'
import type { RandomBytes } from './token.ts'

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

/**
 * Takes note that numbers changed no session. The record has to have them first: a record that stays behind a closed number
 * looks as if the store had lost a change. If it cannot be written now, they stay open, and `completeChanges` closes them.
 */
export async function closeUnused(
  { store, changes, fence }: Core,
  user: NumberedUser,
  numbers: readonly OpenChange[],
  from: LoadedRecord,
): Promise<void> {
  let loaded = from
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { record } = loaded
    if (record === null || record.number >= user.number) {
      return changes.close(numbers.map((change) => ({ ...change, did: null })))
    }
    const isComplete = await fence.isComplete(record, user)
    if (isComplete) await fence.swap(user.handle, loaded, applyUser(record, user, store.now()))
    loaded = await fence.load(user.handle)
    if (!isComplete && loaded.record?.number === record.number) return
  }
}
