import type { Device, EndedSession, EndReason, Holder, LiveSession } from './record.ts'
import type { TokenProof } from './token.ts'

/** What is known of a presented session: it lives, or why it does not. */
export type Found =
  | { state: 'live'; session: LiveSession; holder: Holder; proof: TokenProof }
  | { state: 'ended'; ended: EndedSession; holder: Holder }

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
  token: string
  session: LiveSession
  holder: Holder
  replaced: readonly LiveSession[]
}

/**
 * The rules of the house, the same on every engine. A method that cannot reach its store throws `store_unavailable`:
 * the outcome is then unknown, and the caller must not report success.
 */
export interface Sessions {
  /**
   * Makes a login the user's newest session and says whom it replaced. When this resolves, no instance accepts a replaced
   * session again. Throws `login_superseded` if a later login was faster, `session_limit_reached` if the policy keeps
   * the seats, `invalid_credentials` if the account was disabled or its password changed in the meantime.
   */
  claim(login: Login): Promise<Claimed>

  /** The live session that `proof` opens, or why it ended, or null if there never was one: one read. */
  find(proof: TokenProof): Promise<Found | null>

  /**
   * Moves the idle deadline of a live session and says what is then known of it. Never creates, never revives, never
   * moves the absolute deadline. Writes at most once per `touchInterval`, else answers what it was given.
   */
  extend(found: Found & { state: 'live' }): Promise<Found | null>

  /** Ends the session, for the reason that its device is then told. Ending what is not live is no error. */
  release(proof: TokenProof, reason: EndReason): Promise<void>
}
