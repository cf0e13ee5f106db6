import type { Change, Sessions } from '../sessions/sessions.ts'
import { type AuditNote, noteOfDeletion } from '../timeline/note.ts'
import type { Timeline } from '../timeline/timeline.ts'
import type { Along } from './accounts.ts'

/**
 * Deletes a user: their sessions end with `user_deleted`, and nothing personal stays. Throws `last_admin`. Gives false if there
 * is no such user any more, or if they have another password by now. What it decides in SQL reaches the sessions by itself,
 * also if this throws because their store is away.
 */
export type Removal<User> = (
  user: User,
  by: Pick<AuditNote, 'reqId' | 'by'>,
  /** Whoever deletes themself: only while the password that they gave is still the one. */
  ifCredential?: number,
) => Promise<boolean>

/** `deletion` deletes in SQL, the timeline too; `at` is when, in milliseconds since 1970. */
export function removalWith<User extends { handle: string }>(
  deletion: (user: User, at: number, along: Pick<Along, 'ifCredential'>) => Change,
  sessions: Pick<Sessions, 'list' | 'update'>,
  timeline: Pick<Timeline, 'flush'>,
  clock: () => number,
): Removal<User> {
  return async (user, by, ifCredential) => {
    // Events that still wait are written first: written after the deletion, they would stay.
    await sessions.list(user.handle)
    await timeline.flush()
    const change = deletion(user, clock(), { ifCredential })
    return (await sessions.update(user.handle, change, noteOfDeletion(by))) !== null
  }
}
