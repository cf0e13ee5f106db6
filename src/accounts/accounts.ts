import type { Message } from '../outbox/outbox.ts'
import type { Change } from '../sessions/sessions.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import type { KeptToken, Purpose } from './tokens.ts'

/** An account, as SQL has it. Times are milliseconds since 1970. */
export type Account = {
  /** Public id. */
  id: string
  /** A random id, made once. It is in every cookie of this user and says nothing about them. */
  handle: string
  /** The canonical form, unique. */
  username: string
  roles: readonly string[]
  disabled: boolean
  /** The confirmed mail address. */
  email: string | null
  /** The user has to choose another password before most other calls. */
  mustChangePassword: boolean
  createdAt: number
  /** The login number when the password was last set, or was found to be known to others. */
  credentialNumber: number
  lastLoginAt: number | null
  /** The owner has said that somebody else was signed in during this time. */
  disputed: { from: number; until: number } | null
}

/** An account with what is needed to verify its password. */
export type AccountWithPassword = Account & { passwordHash: string }

/** What is needed to make an account; `create` adds the rest. */
export type NewAccount = {
  id: string
  handle: string
  username: string
  passwordHash: string
  roles: readonly string[]
  createdAt: number
}

/** The members to change; absent ones stay. */
export type AccountChange = {
  /** A canonical name. */
  username?: string | undefined
  email?: string | null | undefined
  passwordHash?: string | undefined
  /**
   * For a password that others may know: its sessions end, and after a login with it most calls are refused until it is changed.
   */
  mustChangePassword?: boolean | undefined
  roles?: readonly string[] | undefined
  disabled?: boolean | undefined
}

/** What else a change does in its transaction. */
export type Along = {
  /** If the password was changed after this credential number, nothing happens and the change gives null. */
  ifCredential?: number | undefined
  /** Uses a one-time token. If it was used already, throws `token_used` and changes nothing. */
  uses?: { purpose: Purpose; hash: string } | undefined
  /** Makes a one-time token. */
  makes?: KeptToken | undefined
  /** Messages for the outbox. */
  messages?: readonly Message[] | undefined
}

/** The end of a page of signed-in users. */
export type OnlineCursor = { liveUntil: number; id: string }

/** A user who may be signed in: none of their sessions lives longer than `liveUntil`. */
export type OnlineCandidate = { id: string; handle: string; username: string; liveUntil: number }

/** The role of administrators. */
export const ADMIN = 'admin'

/**
 * The accounts of the service, in SQL. A method that cannot reach its database throws `store_unavailable`. A change and its event
 * on the timeline are one transaction.
 */
export interface Accounts {
  /**
   * Makes an account, durable when this resolves, and stores `event`. Throws `username_taken` if the name is taken, or one that
   * looks the same, or if its user was deleted less than 30 days ago.
   */
  create(account: NewAccount, event: Omit<TimelineEvent, 'userId'>, along?: Along): Promise<Account>

  /** Which of these usernames are taken, by the same name or by one that looks the same. Pass at most a few hundred. */
  findTaken(usernames: readonly string[]): Promise<readonly string[]>

  /**
   * Makes several accounts in one transaction, at most a few hundred; gives those that it did not make because the name was
   * taken.
   */
  createAll(
    accounts: readonly NewAccount[],
    event: Omit<TimelineEvent, 'userId'>,
  ): Promise<readonly NewAccount[]>

  /** The password hashes of some random accounts, at most `limit`. */
  sampleHashes(limit: number): Promise<readonly string[]>

  /** The account with this canonical username, or null. */
  findByUsername(username: string): Promise<AccountWithPassword | null>

  /** The account with this public id, or null. */
  findById(userId: string): Promise<Account | null>

  /**
   * Changes an account; gives null if there is no such user. Throws `last_admin`, and changes nothing, if no enabled user with
   * the role `admin` would be left; `username_taken` as `create` does. A changed password or address makes links for resets and
   * confirmations invalid. If the user is no longer an administrator, their invitations become invalid.
   */
  change(account: Pick<Account, 'id' | 'handle'>, change: AccountChange, along?: Along): Change

  /**
   * Deletes an account and all data about its user; only a row without personal data stays. For 30 days nobody can take the name,
   * or one that looks the same. Throws `last_admin` as `change` does.
   */
  delete(
    account: Pick<Account, 'id' | 'handle' | 'username'>,
    at: number,
    along?: Pick<Along, 'ifCredential'>,
  ): Change

  /** The one-time token with this hash, if it is valid and has this purpose; otherwise null. */
  findToken(purpose: Purpose, hash: string): Promise<KeptToken | null>

  /** The valid tokens of a user. */
  listTokens(userId: string): Promise<readonly KeptToken[]>

  /** Makes a one-time token, durable when this resolves, with an event and messages for the outbox. */
  keepToken(token: KeptToken, event: TimelineEvent | null, messages: readonly Message[]): Promise<void>

  /** Adds messages to the outbox, durable when this resolves. */
  tell(messages: readonly Message[]): Promise<void>

  /** Removes expired tokens, and held names that are free again; at most `limit` of each. Gives how many. */
  forgetSome(limit: number): Promise<number>

  /**
   * Stores that somebody else was signed in since `from`: the password has to be changed, and device cookies of that time become
   * invalid.
   */
  dispute(account: Pick<Account, 'id' | 'handle'>, when: { from: number; until: number }): Change

  /** Replaces the hash `from` with a stronger hash of the same password. Does nothing if the hash has changed meanwhile. */
  rehash(userId: string, from: string, to: string): Promise<void>

  /** Accounts by username, after `after`, at most `limit`; with `search`, those whose name contains it. */
  list(page: { after: string; limit: number; search?: string | undefined }): Promise<Account[]>

  /**
   * Users who may be signed in at `now`, latest login first, at most `limit`, continuing after `after`. Only the session record
   * of a user says whether they are.
   */
  listOnline(page: {
    now: number
    after: OnlineCursor | null
    limit: number
  }): Promise<OnlineCandidate[]>

  /** Resolves if the database answers and is no standby; throws `store_unavailable` if not. */
  ping(): Promise<void>
}
