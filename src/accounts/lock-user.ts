import { one, type Sql, type Transaction } from '../database/sql.ts'
import { queriesFor } from '../database/tables.ts'
import type { Raise } from '../sessions/numbers.ts'
import { noteWith } from '../timeline/note.ts'
import type { EventType } from '../timeline/timeline.ts'

/** A user as they are in the middle of a transaction. */
type Locked = { roles: readonly string[]; disabled: boolean; data: string | null }

/** A user, locked so that two changes at once do not lose one of them; null if they were deleted. */
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

/** The names, roles and the like of a user, as far as a change names them. */
type Named = {
  username?: string | undefined
  email?: string | null | undefined
  roles?: readonly string[] | undefined
  disabled?: boolean | undefined
}

/**
 * The same raise, told with what the change is by now, in the words of the timeline. Only who has locked the user knows that: of
 * two who wish the same at once one changes something.
 */
export function telling(raise: Raise, before: Named, wish: Named): Raise {
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
