import type { UserData } from './record.ts'

/** A user as the table of login numbers has them. */
export type NumberedUser = {
  /** The application's own id of the user. */
  id: string
  /** Random, made once, in every cookie of this user; says nothing about them. */
  handle: string
  /** The durable login number: raised by every login, every ending and every change, never lowered. */
  number: number
  /** The login number at which the password was last set, or was found to be known to others: older sessions have ended. */
  credentialNumber: number
  roles: readonly string[]
  disabled: boolean
  deleted: boolean
  data: UserData | null
  /** The note of the change that raised the number, if what it does was found out on the way. */
  note?: string | null
}

/** A history of the store, as far as SQL knows it. A stamp is random and made anew each time the history comes into use. */
export type History = { history: string; stamp: string }

/** What a number is raised for, kept in SQL until the record is known to have it. */
export type Purpose = {
  kind: 'login' | 'end' | 'update'
  /** The public id of the session that a login makes. */
  sessionId: string | null
  /** What the application wants to know when the change is done: text of its own. */
  note: string | null
}

/** A number that was raised, and of which nobody has said yet what became of it. */
export type OpenChange = Purpose & {
  userId: string
  handle: string
  number: number
  /** For how long it has been open, milliseconds. */
  age: number
}

/** How a number is to be raised. */
export type Raise = {
  /** The new number is higher than this. */
  above: number
  /** Null where the store has no history of its own. Otherwise nothing happens if it is not in use any more. */
  under: History | null
  purpose: Purpose
  /** For a login: until when the session can live, milliseconds since 1970; and what the application says of the user. */
  login?: {
    expiresAt: number
    roles?: readonly string[] | undefined
    data?: UserData | null | undefined
    /** Members of `data` that are put in place of those there are. */
    dataParts?: UserData | undefined
  }
}

/**
 * The durable login numbers of users, in SQL. A method that cannot reach its database throws `store_unavailable`. Only a
 * primary is asked: a standby that lags would confirm what is gone.
 */
export interface LoginNumbers {
  /**
   * The user whose cookies carry this handle, or who has this id; null if there is none. With `create` a user who is not
   * there is added under this handle, with number 0.
   */
  find(who: { handle: string } | { id: string; create?: string }): Promise<NumberedUser | null>

  /**
   * Raises the number of a user and keeps what for, in one transaction; gives the user as they are under that number. Durable
   * when this resolves: a number is never given out twice. Null if there is no such user; `outdated`, and no effect, if the
   * history is not in use any more.
   */
  raise(handle: string, raise: Raise): Promise<NumberedUser | 'outdated' | null>
}

/** The numbers that were raised and are not known to have reached the record, in SQL. */
export interface Changes {
  /** Those of a user, lowest number first. */
  openOf(userId: string): Promise<OpenChange[]>

  /** Those raised more than `age` milliseconds ago, oldest first, at most `limit`. */
  openFor(age: number, limit: number): Promise<OpenChange[]>

  /** Takes note that these are done, or changed nothing. Durable when this resolves. */
  close(done: readonly ClosedChange[]): Promise<void>
}

/** A change that is done. What it did is null where the number was not used. */
export type ClosedChange = OpenChange & { did: Effect | null }

/** What a change did to the sessions of a user. */
export type Effect = {
  at: number
  /** The session that began. */
  started: SessionInfo | null
  /** The sessions that ended. */
  ended: readonly (SessionInfo & { reason: string; at: number; replacedBy: EndedBy | null })[]
}

type SessionInfo = { id: string; device: DeviceInfo | null; ip: string | null }
type DeviceInfo = { name: string | null; os: string | null; browser: string | null }
type EndedBy = { sessionId: string; device: DeviceInfo; ip: string; at: number }

/** The histories of the store that are in use, in SQL: at most one for each server that answers. */
export interface Histories {
  /** All that are in use. */
  list(): Promise<History[]>

  /**
   * Takes `history` into use, with a new stamp if it was not, and gives its stamp. All others go out of use, or with
   * `related` those only that it came from or that came from it. Durable when this resolves; every instance gets the same.
   */
  open(history: string, parent: string, related: boolean): Promise<string>
}
