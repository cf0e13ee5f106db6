import type { NumberedUser, Raise } from './numbers.ts'
import type { Device, EndedSession, EndReason, LiveSession, SessionUser, UserData } from './record.ts'
import type { SessionKey } from './token.ts'

/** A live session, with its user. */
export type Live = { state: 'live'; session: LiveSession; user: SessionUser; key: SessionKey }

/** Why a session ended. `stored` is false while it only expired by the clock and nobody has stored that: ask `settle`. */
export type Ended = {
  state: 'ended'
  ended: EndedSession
  user: SessionUser
  key: SessionKey
  stored: boolean
}

/** What is known of a presented session that really existed. */
export type SessionState = Live | Ended

/** A login whose user has been verified. */
export type Login = {
  userId: string
  /** The user's handle, if it is known; else it is looked up, and made at the first login. */
  handle?: string | undefined
  /** The credential number that the password was verified against: a change of password since then refuses the login. */
  credentialNumber?: number | undefined
  /** What the application says of the user. Absent: what is in SQL. */
  roles?: readonly string[] | undefined
  data?: UserData | null | undefined
  /** Members of `data` that are put in place; the others stay as SQL has them at that moment. */
  dataParts?: UserData | undefined
  /**
   * The public id and the secret of the session, for a login that may come again: it is the same session then. If that was ended
   * meanwhile it stays so; its first use is told why.
   */
  identity?: { id: string; secret: string } | undefined
  device: Device
  ip: string
  /** What tells this device from the user's others (`deviceKey`). Only with it a kick war is noticed. */
  deviceKey?: string | undefined
  /** The token that this browser presented, if any: a session of the same user is replaced silently. */
  presented: string | null
  /** The public id of the session to end, for the policy `ask`. */
  replace: string | null
  /** Told to `onChange` with the change. */
  note?: string | null | undefined
}

/** A login that is a session now. `token` goes to the client and nowhere else. */
export type Claimed = {
  kind: 'claimed'
  token: string
  session: LiveSession
  user: SessionUser
  replaced: readonly LiveSession[]
}

/** There are as many sessions as may be, and the policy lets a login replace none: these. */
export type Full = { kind: 'full'; sessions: readonly LiveSession[] }

/**
 * Changes a user in SQL, where that raises the login number as it is told to; what it throws is passed on, and nothing has
 * changed. Null: there is no such user.
 */
export type Change = (raise: Raise) => Promise<NumberedUser | 'outdated' | null>

/**
 * Sessions, the same over every store. A method that cannot reach its store or SQL throws `store_unavailable`: the outcome is
 * then unknown, and the caller must not report success.
 */
export interface Sessions {
  /**
   * Makes a login the user's newest session and says whom it replaced. When this resolves, no instance accepts a replaced
   * session again. Throws `login_superseded` if a later login was faster, `invalid_credentials` if the password changed in the
   * meantime, `user_disabled`, `kick_war` if this device and another sign each other out all the time.
   */
  claim(login: Login): Promise<Claimed | Full>

  /** The live session of a token, or why it ended, or null if there never was one: one read. */
  find(token: string): Promise<SessionState | null>

  /** Whether it is time to move the idle deadline of a live session; no more often than every `min(60 s, idle/10)`. */
  isDue(live: Live): boolean

  /**
   * Moves the idle deadline of a live session and says what is then known of it. Never creates, never revives, never moves
   * the absolute deadline. Writes only when that is due, else answers what it was given. While SQL is away it does not write.
   */
  extend(live: Live): Promise<SessionState | null>

  /** Ends the session, for the reason that its device is then told. False, and no error, if it was not live. */
  release(key: SessionKey, reason: EndReason, note?: string | null): Promise<boolean>

  /**
   * Stores that sessions of this user expired, if that is not stored yet, and says what then holds of this one: on a slow
   * store, one that had expired when its record arrived may have been used after that was read, and is live. Nobody is to be
   * told that a session expired before this says so.
   */
  settle(ended: Ended): Promise<SessionState | null>

  /** The state of the session with this public id. */
  findById(handle: string, sessionId: string): Promise<SessionState | null>

  /** The user's live sessions, newest first. */
  list(handle: string): Promise<readonly LiveSession[]>

  /** Ends one live session of the user by its public id, or all of them (null); gives those that it ended. */
  revoke(
    handle: string,
    sessionId: string | null,
    reason: EndReason,
    note?: string | null,
  ): Promise<readonly LiveSession[]>

  /**
   * Has `change` change the user in SQL, and brings running sessions in line with what it gives: on the next request it is so
   * on every instance. A change that is in SQL reaches the sessions also if this throws, by `completeChanges`. Null: there is
   * no such user. With `reason` every session ends for it; `change` has to set the password or another credential number, so
   * that they end also if this is cut off.
   */
  update(
    handle: string,
    change: Change,
    note?: string | null,
    reason?: EndReason | null,
  ): Promise<NumberedUser | null>

  /**
   * Has `change` set another password in SQL, ends every session from before with `password_changed`, and lets only that of
   * `key` continue, under a new secret. Null if that one was not live any more.
   */
  renew(key: SessionKey, change: Change, note?: string | null): Promise<Claimed | null>

  /**
   * On the word of a replaced device: ends the session that replaced it, and all that began since, with `session_disputed`, and
   * gives them. Null if all have ended already, of whatever cause. With `change` it changes the user in SQL in any case.
   */
  dispute(
    replaced: Ended,
    note?: string | null,
    change?: Change | null,
  ): Promise<readonly LiveSession[] | null>

  /**
   * Completes changes that are in SQL and were cut off before they reached the sessions, and says how many. Call it every
   * second on every instance.
   */
  completeChanges(): Promise<number>
}
