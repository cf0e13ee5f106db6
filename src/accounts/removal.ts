import { Refusal } from '../errors.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { type AuditNote, noteOfDeletion } from '../timeline/note.ts'
import type { Timeline } from '../timeline/timeline.ts'
import type { Account, Accounts } from './accounts.ts'

/**
 * Deletes an account: its sessions end with `user_deleted`, and nothing personal stays. Throws `last_admin`. What it decides in
 * SQL reaches the sessions by itself, also if this throws because their store is away.
 */
export type Removal = (
  account: Account,
  by: Pick<AuditNote, 'reqId' | 'by'>,
  /** Whoever deletes themself: only while the password that they gave is still the one. */
  ifCredential?: number,
) => Promise<void>

export function removalWith(
  accounts: Pick<Accounts, 'delete'>,
  sessions: Pick<Sessions, 'list' | 'update'>,
  timeline: Pick<Timeline, 'flush'>,
  clock: () => number,
): Removal {
  return async (account, by, ifCredential) => {
    // What is still to be told of them is told before, or it would stay on the timeline when they are gone.
    await sessions.list(account.handle)
    await timeline.flush()
    const at = clock()
    const change = accounts.delete(account, { at, heldUntil: at + NAME_HELD, ifCredential })
    const done = await sessions.update(account.handle, change, noteOfDeletion(by))
    if (done === null)
      throw new Refusal(ifCredential === undefined ? 'not_found' : 'invalid_credentials')
  }
}

/** Milliseconds for which nobody else can have the name, and be taken for who had it. */
const NAME_HELD = 30 * 24 * 60 * 60 * 1000
