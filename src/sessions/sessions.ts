import type { Account } from '../accounts/accounts.ts'
import type { Device, EndedSession, EndReason, Holder, LiveSession } from './record.ts'
import type { TokenProof } from './token.ts'

/** A session that lives, with its user. */
export type Live = { state: 'live'; session: LiveSession; holder: Holder; proof: TokenProof }

/** Why a session does not live. `noticed` is false while nobody has put on record that it ran out: ask `notice`. */
export type Ended = { state: 'ended'; ended: EndedSession; holder: Holder; noticed: boolean }

/** What is known of a presented session that really existed. */
export type Found = Live | Ended

/** A login whose password has been verified. */
export type Login = {
  userId: string
  handle: string
  /** The credential number the password was verified against: a change of password since then refuses the login. */
  credentialEpoch: number
  device: Device
  ip: string
  /** The session this browser presented, if any: when it is the same user's, it makes way silently. */
  presented: TokenProof | null
  /** The public id of the session to end, for the policy `ask`. */
  replace: string | null
}

/** A seat taken. `token` goes into the cookie and nowhere else. */
export type Claimed = {
  kind: 'claimed'
  token: string
  session: LiveSession
  holder: Holder
  replaced: readonly LiveSession[]
}

/** Changes a user in SQL, where that raises the login number; what it throws is passed on, and nothing has changed. */
export type Change = () => Promise<Account>

/** Every seat is taken, and the policy lets none go: these sessions have them. */
export type Full = { kind: 'full'; sessions: readonly LiveSession[] }

/**
 * The rules of the house, the same on every engine. A method that cannot reach its store throws `store_unavailable`:
 * the outcome is then unknown, and the caller must not report success.
 */
export interface Sessions {
  /**
   * Makes a login the user's newest session and says whom it replaced. When this resolves, no instance accepts a replaced
   * session again. Throws `login_superseded` if a later login was faster, `invalid_credentials` if the account was
   * disabled or its password changed in the meantime.
   */
  claim(login: Login): Promise<Claimed | Full>

  /** The live session that `proof` opens, or why it ended, or null if there never was one: one read. */
  find(proof: TokenProof): Promise<Found | null>

  /** Whether it is time to move the idle deadline of a live session; no more often than every `min(60 s, idle/10)`. */
  isDue(live: Live): boolean

  /**
   * Moves the idle deadline of a live session and says what is then known of it. Never creates, never revives, never
   * moves the absolute deadline. Writes only when that is due, else answers what it was given.
   */
  extend(live: Live): Promise<Found | null>

  /** Ends the session, for the reason that its device is then told. False, and no error, if it was not live. */
  release(proof: TokenProof, reason: EndReason): Promise<boolean>

  /** The user's live sessions, newest first. */
  list(handle: string): Promise<readonly LiveSession[]>

  /** Ends one live session of the user by its public id, or all of them (null); gives those that it ended. */
  revoke(handle: string, sessionId: string | null, reason: EndReason): Promise<readonly LiveSession[]>

  /**
   * Has `change` change roles and flags of the user, and brings running sessions in line with the account that it gives.
   * Every session of a disabled account ends with `user_disabled`. On the next request it is so on every instance.
   */
  update(handle: string, change: Change): Promise<Account>

  /**
   * Has `change` set another password, ends every session from before with `password_changed`, and lets only that of
   * `proof` go on, under a new secret. Null if that one was not live any more.
   */
  renew(proof: TokenProof, change: Change): Promise<Claimed | null>

  /**
   * On the word of a replaced device: ends the session that replaced it with `session_disputed`, and gives it. Null if it
   * has ended already, of whatever cause.
   */
  dispute(replaced: Ended, handle: string): Promise<LiveSession | null>

  /**
   * Puts on record that sessions of this user ran out, if that is not there yet, and says what then holds of this one: on a
   * slow store, one that had run out when its record arrived may have been used after that was read, and lives. Nobody is
   * to be told that a session ran out before this says so. `onRanOut` is told once of each.
   */
  notice(proof: TokenProof): Promise<Found | null>
}
