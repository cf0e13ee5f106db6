import type { Core } from './core.ts'
import { effectFound } from './effects.ts'
import type { ClosedChange, OpenChange } from './numbers.ts'
import { emptyRecord } from './rules.ts'
import { DEAD } from './verdict.ts'

/**
 * Completes changes that were cut off: SQL has them, but their instance stopped or could not reach the store. Applies them to the
 * record, and tells SQL what they did, or that they did nothing.
 */
export function completeWith({ store, numbers, changes, fence }: Core): () => Promise<number> {
  return async function completeChanges(): Promise<number> {
    const done: ClosedChange[] = []
    const failures: unknown[] = []
    for (const change of await changes.openFor(AGE, AT_ONCE)) {
      // A record that cannot be reached (its node is lost) must not keep other users waiting.
      const closed = await complete(change).catch((error) => void failures.push(error))
      if (closed != null) done.push(closed)
    }
    if (done.length > 0) await changes.close(done)
    if (failures.length > 0) throw failures[0]
    return done.length
  }

  /** Null while the change may still be under way. */
  async function complete(change: OpenChange): Promise<ClosedChange | null> {
    const { handle, number } = change
    let loaded = await fence.load(handle)
    if (loaded.record !== null && loaded.record.number < number)
      loaded = await fence.compare(handle, loaded)
    const { record } = loaded
    if (record !== null && record.number < number) return null
    if (change.kind !== 'update' && change.age < DEAD) return null
    const user = record === null ? await numbers.find({ handle }) : null
    const known = record ?? (user === null ? null : emptyRecord(user))
    return {
      ...change,
      did: known === null ? null : effectFound(known, change, store.now() - change.age),
    }
  }
}

/** Milliseconds after which a change that is still open is looked at. */
const AGE = 1_000
/** How many changes are looked at in one call. */
const AT_ONCE = 100
