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

/** The users, in SQL. A method that cannot reach its database throws `store_unavailable`. */
export interface Accounts {
  /** Makes an account, durable when this resolves. Throws `username_taken`. */
  create(account: NewAccount): Promise<Account>

  /** The account with this canonical username, or null. */
  findByUsername(username: string): Promise<AccountWithPassword | null>

  /** The account whose cookies carry this handle, or null. */
  findByHandle(handle: string): Promise<Account | null>

  /**
   * Raises the login number by one, and above `above`; gives the account as it is under that number, or null if there is
   * none. Durable when this resolves: a number is never given out twice.
   */
  raise(userId: string, above: number): Promise<Account | null>

  /** Puts a stronger hash of the same password in place of `from`; nothing happens if that is not there any more. */
  rehash(userId: string, from: string, to: string): Promise<void>

  /** Accounts by username, at most `limit` of them, after `after`. */
  list(after: string, limit: number): Promise<Account[]>

  /** Resolves if the database answers; throws `store_unavailable` if not. */
  ping(): Promise<void>

  close(): Promise<void>
}
