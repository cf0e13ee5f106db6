import type { UserData } from '../sessions/record.ts'
import type { Change } from '../sessions/sessions.ts'

/** A user of the operator's own system, as their backend described them. */
export type ExternalUser = {
  /** The id in the operator's system. */
  id: string
  handle: string
  name: string | null
  roles: readonly string[]
  disabled: boolean
  /** What comes back with each check. */
  data: UserData | null
}

/** The members of an external user that can be changed; absent ones stay. */
type ExternalChange = { roles?: readonly string[] | undefined; disabled?: boolean | undefined }

/**
 * Users that the operator's backend signs in. They are stored at their first sign-in, and have no password here. A method that
 * cannot reach its database throws `store_unavailable`.
 */
export interface ExternalUsers {
  /** The user; null if there is none, or if they were deleted. */
  find(id: string): Promise<ExternalUser | null>

  /** Users by id, after `after`, at most `limit`; with `search`, those whose id contains it. */
  list(page: { after: string; limit: number; search?: string | undefined }): Promise<ExternalUser[]>

  /** Changes roles, or whether they may sign in. */
  change(user: ExternalUser, change: ExternalChange): Change

  /** Deletes all data about a user. The id stays, so that it cannot sign in again. */
  delete(user: ExternalUser, at: number): Change
}
