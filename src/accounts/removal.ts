import type { Change, Sessions } from '../sessions/sessions.ts'
import { type AuditNote, noteOfDeletion } from '../timeline/note.ts'
import type { Timeline } from '../timeline/timeline.ts'
import type { Along } from './accounts.ts'

/**
 * Deletes a user: their sessions end with `user_deleted`, and no personal data stays. Throws `last_admin`. Gives false if the
 * user is gone already, or if their password has changed. If this throws because the store cannot be reached, the sessions still
 * end later if SQL has the deletion.
 */
export type Removal<User> = (
  user: User,
  by: Pick<AuditNote, 'reqId' | 'by'>,
  /** For users who delete themselves: only if the password that they gave is still current. */
  ifCredential?: number,
) => Promise<boolean>

/** `deletion` deletes in SQL, including the timeline; `at` is the time, milliseconds since 1970. */
export function removalWith<User extends { handle: string }>(
  deletion: (user: User, at: number, along: Pick<Along, 'ifCredential'>) => Change,
  sessions: Pick<Sessions, 'list' | 'update'>,
  timeline: Pick<Timeline, 'flush'>,
  clock: () => number,
): Removal<User> {
  return async (user, by, ifCredential) => {
    // Waiting events are written first. If they were written after the deletion, they would stay.
    await sessions.list(user.handle)
    await timeline.flush()
    const change = deletion(user, clock(), { ifCredential })
    return (await sessions.update(user.handle, change, noteOfDeletion(by))) !== null
  }
}
