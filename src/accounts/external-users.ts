import type { UserData } from '../sessions/record.ts'
import type { Change } from '../sessions/sessions.ts'

/** A user of the operator's own system, as far as their backend has told us. */
export type ExternalUser = {
  /** The operator's own id. */
  id: string
  handle: string
  name: string | null
  roles: readonly string[]
  disabled: boolean
  /** What comes back with each check. */
  data: UserData | null
}

/** What may be changed of an external user; what is absent stays. */
type ExternalChange = { roles?: readonly string[] | undefined; disabled?: boolean | undefined }

/**
 * Users that the operator's own backend signs in. They are known from their first sign-in on, and have no password here. A
 * method that cannot reach its database throws `store_unavailable`.
 */
export interface ExternalUsers {
  /** Null also for one who was deleted. */
  find(id: string): Promise<ExternalUser | null>

  /** By id, after `after`, at most `limit`; with `search`, those whose id contains it. */
  list(page: { after: string; limit: number; search?: string | undefined }): Promise<ExternalUser[]>

  /** Changes roles, or whether they may sign in. */
  change(user: ExternalUser, change: ExternalChange): Change

  /** Has them never sign in again, and forgets all that is known of them, but that there was one. */
  delete(user: ExternalUser, at: number): Change
}
