import { one, type Sql, type Transaction } from '../database/sql.ts'
import { queriesFor } from '../database/tables.ts'
import type { Raise } from '../sessions/numbers.ts'
import { noteWith } from '../timeline/note.ts'
import type { EventType } from '../timeline/timeline.ts'

/** A user, as read in a transaction. */
type Locked = { roles: readonly string[]; disabled: boolean; data: string | null }

/** Reads a user and locks the row, so that no simultaneous change gets lost; null if the user was deleted. */
export function* lockUser(db: Sql, id: string): Transaction<Locked | null> {
  const user = queriesFor(db).selectFrom('oneseat_users').select(['roles', 'disabled', 'data'])
  const row = yield* one(
    user
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .$if(db.kind === 'postgres', (select) => select.forUpdate()),
  )
  if (row === null) return null
  return { roles: JSON.parse(row.roles) as string[], disabled: row.disabled === 1, data: row.data }
}

/** The members of a user that a change can set. */
type Named = {
  username?: string | undefined
  email?: string | null | undefined
  roles?: readonly string[] | undefined
  disabled?: boolean | undefined
}

/**
 * The same raise, with a note of what really changes, as event types of the timeline. This is known only after the user is
 * locked: of two simultaneous equal changes only one changes something.
 */
export function withEventsOf(raise: Raise, before: Named, wish: Named): Raise {
  const { purpose } = raise
  return { ...raise, purpose: { ...purpose, note: noteWith(purpose.note, eventsOf(before, wish)) } }
}

function eventsOf(before: Named, { username, email, roles, disabled }: Named): EventType[] {
  const isRenamed = username !== undefined && username !== before.username
  const isAddressed = email !== undefined && email !== (before.email ?? null)
  const hasOtherRoles = roles !== undefined && roles.join() !== before.roles?.join()
  const isSwitched = disabled !== undefined && disabled !== before.disabled
  return [
    ...(isRenamed ? (['username_changed'] as const) : []),
    ...(isAddressed ? (['email_changed'] as const) : []),
    ...(hasOtherRoles ? (['roles_changed'] as const) : []),
    ...(isSwitched ? ([disabled ? 'user_disabled' : 'user_enabled'] as const) : []),
  ]
}
