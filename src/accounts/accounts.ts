import type { Message } from '../outbox/outbox.ts'
import type { Change } from '../sessions/sessions.ts'
import type { TimelineEvent } from '../timeline/timeline.ts'
import type { KeptToken, Purpose } from './tokens.ts'

/** A user of the service, as SQL knows them. Times are milliseconds since 1970. */
export type Account = {
  /** Public id. */
  id: string
  /** Random, made once, in every cookie of this user; says nothing about them. */
  handle: string
  /** The canonical form, unique. */
  username: string
  roles: readonly string[]
  disabled: boolean
  /** Their mail address, which they have confirmed. */
  email: string | null
  /** Until they have chosen another password, nothing else is open to them. */
  mustChangePassword: boolean
  createdAt: number
  /** The login number at which the password was last set, or was found to be known to others. */
  credentialNumber: number
  lastLoginAt: number | null
  /** In this time somebody else was signed in, by the word of the owner. */
  disputed: { from: number; until: number } | null
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

/** What changes of an account; what is absent stays. */
export type AccountChange = {
  /** A canonical name. */
  username?: string | undefined
  email?: string | null | undefined
  passwordHash?: string | undefined
  /** For a password that others may know: sessions that it opened end, and logins with it open only its change. */
  mustChangePassword?: boolean | undefined
  roles?: readonly string[] | undefined
  disabled?: boolean | undefined
}

/** What else happens in the transaction of a change. */
export type Along = {
  /** Nothing happens, and the change gives null, if the password is not the one of this number any more. */
  ifCredential?: number | undefined
  /** A one-time token is used up; throws `token_used`, and changes nothing, if somebody else has used it. */
  uses?: { purpose: Purpose; hash: string } | undefined
  /** A one-time token is made. */
  makes?: KeptToken | undefined
  /** What is to be told outside. */
  messages?: readonly Message[] | undefined
}

/** Where a page of those who are online ended. */
export type OnlineCursor = { liveUntil: number; id: string }

/** Somebody who can still be signed in: no session of theirs lives longer than `liveUntil`. */
export type OnlineCandidate = { id: string; handle: string; username: string; liveUntil: number }

/** The role that may administer. */
export const ADMIN = 'admin'

/**
 * The users of the service, in SQL. A method that cannot reach its database throws `store_unavailable`. What happened to an
 * account is kept in the same transaction as what happened.
 */
export interface Accounts {
  /**
   * Makes an account, durable when this resolves, and keeps `event`. Throws `username_taken`, also if a name that looks the same
   * is, or belonged to somebody who was deleted of late.
   */
  create(account: NewAccount, event: Omit<TimelineEvent, 'userId'>, along?: Along): Promise<Account>

  /** Those of these usernames that are taken, by the same name or by one that looks the same. At most a few hundred. */
  findTaken(usernames: readonly string[]): Promise<readonly string[]>

  /**
   * Makes several accounts in one transaction, at most a few hundred; gives those that it could not, because a name was taken.
   */
  createAll(
    accounts: readonly NewAccount[],
    event: Omit<TimelineEvent, 'userId'>,
  ): Promise<readonly NewAccount[]>

  /** The password hashes of some accounts that chance picks, at most `limit`. */
  sampleHashes(limit: number): Promise<readonly string[]>

  /** The account with this canonical username, or null. */
  findByUsername(username: string): Promise<AccountWithPassword | null>

  /** The account with this public id, or null. */
  findById(userId: string): Promise<Account | null>

  /**
   * Changes an account; gives null if there is no such user. Throws `last_admin`, and changes nothing, if nobody enabled would
   * be left with the role `admin`; `username_taken` as `create` does. Reset links and confirmations work no more when the
   * password or the address has changed, nor do the invitations of somebody who is no administrator any more.
   */
  change(account: Pick<Account, 'id' | 'handle'>, change: AccountChange, along?: Along): Change

  /**
   * Deletes an account and all that is known of its user, but that there was one. Nobody can have the name, or one that looks
   * the same, for 30 days. Throws `last_admin` as `change` does.
   */
  delete(
    account: Pick<Account, 'id' | 'handle' | 'username'>,
    at: number,
    along?: Pick<Along, 'ifCredential'>,
  ): Change

  /** The one-time token with this hash, if it is for this and still good; else null. */
  findToken(purpose: Purpose, hash: string): Promise<KeptToken | null>

  /** The tokens of a user that are still good. */
  listTokens(userId: string): Promise<readonly KeptToken[]>

  /** Makes a one-time token, durable when this resolves, with an event and what is to be told outside. */
  keepToken(token: KeptToken, event: TimelineEvent | null, messages: readonly Message[]): Promise<void>

  /** Keeps what is to be told outside, durable when this resolves. */
  tell(messages: readonly Message[]): Promise<void>

  /** Removes some of what has run out, and gives how many: tokens, and names that were held. At most `limit` of each. */
  forgetSome(limit: number): Promise<number>

  /**
   * Takes note that somebody else has been signed in since `from`: the password has to be changed, and device cookies that were
   * made since are void.
   */
  dispute(account: Pick<Account, 'id' | 'handle'>, when: { from: number; until: number }): Change

  /** Puts a stronger hash of the same password in place of `from`; nothing happens if that is not there any more. */
  rehash(userId: string, from: string, to: string): Promise<void>

  /** Accounts by username, after `after`, at most `limit`; with `search`, those whose name contains it. */
  list(page: { after: string; limit: number; search?: string | undefined }): Promise<Account[]>

  /**
   * Users who can be signed in at `now`, latest login first, at most `limit`, continuing behind `after`. Whether they still
   * are, only their session record can say.
   */
  listOnline(page: {
    now: number
    after: OnlineCursor | null
    limit: number
  }): Promise<OnlineCandidate[]>

  /** Resolves if the database answers and is no standby; throws `store_unavailable` if not. */
  ping(): Promise<void>
}
