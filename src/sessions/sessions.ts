import type { NumberedUser, Raise } from './numbers.ts'
import type { Device, EndedSession, EndReason, LiveSession, SessionUser, UserData } from './record.ts'
import type { SessionKey } from './token.ts'

/** A live session, with its user. */
export type Live = { state: 'live'; session: LiveSession; user: SessionUser; key: SessionKey }

/** Why a session ended. `stored` is false if it expired and the store does not have that yet: call `settle`. */
export type Ended = {
  state: 'ended'
  ended: EndedSession
  user: SessionUser
  key: SessionKey
  stored: boolean
}

/** The state of a session that really existed. */
export type SessionState = Live | Ended

/** A login whose user has been verified. */
export type Login = {
  userId: string
  /** The user's handle, if it is known. Otherwise it is looked up, or made at the first login. */
  handle?: string | undefined
  /** The credential number when the password was verified. If the password was changed since, the login is refused. */
  credentialNumber?: number | undefined
  /** What the application says of the user. If absent, SQL keeps what it has. */
  roles?: readonly string[] | undefined
  data?: UserData | null | undefined
  /** Members of `data` to set; SQL keeps the others as they are at that moment. */
  dataParts?: UserData | undefined
  /**
   * The public id and the secret of the session, for a login that may be sent again: it then gives the same session. If that has
   * ended meanwhile it stays ended, and its next request is told why.
   */
  identity?: { id: string; secret: string } | undefined
  device: Device
  ip: string
  /** Distinguishes this device from the user's others (`deviceKey`). Without it a kick war is not noticed. */
  deviceKey?: string | undefined
  /** The token that the browser sent, if any. If it is of the same user, that session is replaced without a report. */
  presented: string | null
  /** The public id of the session to end, for the policy `ask`. */
  replace: string | null
  /** Text for the application, which goes with the change. */
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

/** All seats are taken, and the policy lets the login replace none of these sessions. */
export type Full = { kind: 'full'; sessions: readonly LiveSession[] }

/**
 * Changes a user in SQL and raises the login number in the same transaction, as `raise` says. If it throws, nothing has changed,
 * and the error is passed on. Null: there is no such user.
 */
export type Change = (raise: Raise) => Promise<NumberedUser | 'outdated' | null>

/**
 * What sessions promise, over every store. A method that cannot reach its store or SQL throws `store_unavailable`: the outcome is
 * then unknown, and the caller must not report success.
 */
export interface Sessions {
  /**
   * Makes a login the user's newest session and says whom it replaced. When this resolves, no instance accepts a replaced session
   * again. Throws `login_superseded` if a later login was faster, `invalid_credentials` if the password changed in the meantime,
   * `user_disabled`, `kick_war` if this device and another keep signing each other out.
   */
  claim(login: Login): Promise<Claimed | Full>

  /** The live session of a token, or why it ended, or null if there never was one. It takes one read. */
  find(token: string): Promise<SessionState | null>

  /** Whether it is time to move the idle deadline of a live session: once in `min(60 s, idle/10)`. */
  isDue(live: Live): boolean

  /**
   * Moves the idle deadline of a live session and gives its state after that. It never creates or revives a session, and never
   * moves the absolute deadline. It writes only when `isDue` says so, and not while SQL cannot be reached; then it gives the
   * state without a write.
   */
  extend(live: Live): Promise<SessionState | null>

  /** Ends the session for this reason, which its device is told. False, and no error, if it was not live. */
  release(key: SessionKey, reason: EndReason, note?: string | null): Promise<boolean>

  /**
   * Stores that sessions of this user expired, if that is not stored yet, and gives the state of this one after that. It may be
   * live: if the store was slow, the session may have been used after its record was read. Do not tell anybody that a session
   * expired before this has confirmed it.
   */
  settle(ended: Ended): Promise<SessionState | null>

  /** The state of the session with this public id. */
  findById(handle: string, sessionId: string): Promise<SessionState | null>

  /** The user's live sessions, newest first. */
  list(handle: string): Promise<readonly LiveSession[]>

  /** Ends one live session of the user by its public id, or all of them (null); gives the sessions that it ended. */
  revoke(
    handle: string,
    sessionId: string | null,
    reason: EndReason,
    note?: string | null,
  ): Promise<readonly LiveSession[]>

  /**
   * Calls `change` to change the user in SQL, and applies the result to running sessions: on every instance their next request
   * has it. If this throws after SQL has the change, `completeChanges` applies it. Null: there is no such user. With `reason`
   * every session ends for that reason; `change` then has to set a new credential number, so that the sessions end even if this
   * is cut off.
   */
  update(
    handle: string,
    change: Change,
    note?: string | null,
    reason?: EndReason | null,
  ): Promise<NumberedUser | null>

  /**
   * Calls `change` to set another password in SQL, ends every session from before with `password_changed`, and lets only that of
   * `key` continue, with a new secret. Null if that session was not live any more.
   */
  renew(key: SessionKey, change: Change, note?: string | null): Promise<Claimed | null>

  /**
   * For a replaced device that says "that was not me": ends the session that replaced it, and all that began since, with
   * `session_disputed`, and gives them. Null if all have ended already, for any reason. `change` changes the user in SQL in any
   * case.
   */
  dispute(
    replaced: Ended,
    note?: string | null,
    change?: Change | null,
  ): Promise<readonly LiveSession[] | null>

  /**
   * Completes changes that SQL has and that were cut off before they reached the sessions; gives how many. Call it every second
   * on every instance.
   */
  completeChanges(): Promise<number>
}
