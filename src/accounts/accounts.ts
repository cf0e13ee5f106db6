/** A user as SQL knows them. Times are milliseconds since 1970. */
export type Account = {
  /** Public id. */
  id: string
  /** Random, made once, in every cookie of this user; says nothing about them. */
  handle: string
  /** The canonical form, unique. */
  username: string
  roles: readonly string[]
  disabled: boolean
  createdAt: number
  /** The durable login number: raised by every login and every ending, never lowered. */
  epoch: number
  /** The login number at which the password was last set. */
  credentialEpoch: number
  lastLoginAt: number | null
}

/** An account with what is needed to verify its password. */
export type AccountWithPassword = Account & { passwordHash: string }

/** What it takes to make an account; the rest is made here. */
export type NewAccount = {
  id: string
  handle: string
  username: string
  passwordHash: string
  roles: readonly string[]
  createdAt: number
}

/** What an administrator may change; what is absent stays. */
export type AccountChange = { roles?: readonly string[] | undefined; disabled?: boolean | undefined }

/** Where a page of recent logins ended. */
export type RecentCursor = { lastLoginAt: number; id: string }

/** The role that may administer. */
export const ADMIN = 'admin'

/** The users, in SQL. A method that cannot reach its database throws `store_unavailable`. */
export interface Accounts {
  /** Makes an account, durable when this resolves. Throws `username_taken`, also if a name that looks the same is. */
  create(account: NewAccount): Promise<Account>

  /** Those of these usernames that are taken, by the same name or by one that looks the same. At most a few hundred. */
  findTaken(usernames: readonly string[]): Promise<readonly string[]>

  /** Makes several accounts at once, at most a few hundred; gives those that it could not, because a name was taken. */
  createAll(accounts: readonly NewAccount[]): Promise<readonly NewAccount[]>

  /** The password hashes of some accounts that chance picks, at most `limit`. */
  sampleHashes(limit: number): Promise<readonly string[]>

  /** The account with this canonical username, or null. */
  findByUsername(username: string): Promise<AccountWithPassword | null>

  /** The account whose cookies carry this handle, or null. */
  findByHandle(handle: string): Promise<Account | null>

  /** The account with this public id, or null. */
  findById(userId: string): Promise<Account | null>

  /**
   * Raises the login number by one, and above `above`; gives the account as it is under that number, or null if there is
   * none. Durable when this resolves: a number is never given out twice. For a login, `loginAt` is when.
   */
  raise(userId: string, above: number, loginAt?: number): Promise<Account | null>

  /**
   * Sets another password and raises the login number with it. Null, and no effect, if the password is not the one of
   * `credentialEpoch` any more.
   */
  setPassword(userId: string, credentialEpoch: number, passwordHash: string): Promise<Account | null>

  /**
   * Changes roles and flags and raises the login number with them; null if there is no such user. Throws `last_admin`,
   * and changes nothing, if nobody enabled would be left with the role `admin`.
   */
  change(userId: string, change: AccountChange, now: number): Promise<Account | null>

  /** Puts a stronger hash of the same password in place of `from`; nothing happens if that is not there any more. */
  rehash(userId: string, from: string, to: string): Promise<void>

  /** Accounts by username, after `after`, at most `limit`; with `search`, those whose name contains it. */
  list(page: { after: string; limit: number; search?: string | undefined }): Promise<Account[]>

  /**
   * Accounts that signed in after `since`, latest first, at most `limit`, continuing behind `after`. Whether they still
   * are signed in, only their session record can say.
   */
  listRecent(page: { since: number; after: RecentCursor | null; limit: number }): Promise<Account[]>

  /** Resolves if the database answers; throws `store_unavailable` if not. */
  ping(): Promise<void>

  close(): Promise<void>
}
