import type { UserData } from './record.ts'

/** A user in the table of login numbers. */
export type NumberedUser = {
  /** The application's own id of the user. */
  id: string
  /** A random id, made once. It is in every cookie of this user and says nothing about them. */
  handle: string
  /** The login number. Every login, every ending and every change raises it; nothing lowers it. */
  number: number
  /**
   * The login number when the password was last set, or was found to be known to others. Sessions with a lower number have ended.
   */
  credentialNumber: number
  roles: readonly string[]
  disabled: boolean
  deleted: boolean
  data: UserData | null
  /** The note of the change that raised the number, if it was decided only while raising. */
  note?: string | null
}

/** A history of the store and its stamp. The stamp is random, and made each time the history comes into use. */
export type History = { history: string; stamp: string }

/** Why a number is raised. SQL keeps this until the record has the number. */
export type Purpose = {
  kind: 'login' | 'end' | 'update'
  /** The public id of the session that a login makes. */
  sessionId: string | null
  /** Text for the application, handed back when the change is done. */
  note: string | null
}

/** A number that was raised and not closed yet: its change may be under way, or was cut off. */
export type OpenChange = Purpose & {
  userId: string
  handle: string
  number: number
  /** For how long it has been open, milliseconds. */
  age: number
}

/** How to raise a number. */
export type Raise = {
  /** The new number is higher than this. */
  above: number
  /**
   * The history of the store. If it is no longer in use, nothing is raised. Null if the store cannot lose writes that SQL has.
   */
  under: History | null
  purpose: Purpose
  /** For a login: the absolute end of the session, milliseconds since 1970, and what the application says of the user. */
  login?: {
    expiresAt: number
    roles?: readonly string[] | undefined
    data?: UserData | null | undefined
    /** Members that replace those of the same name in `data`. */
    dataParts?: UserData | undefined
  }
}

/**
 * The login numbers of users, in SQL. A method that cannot reach its database throws `store_unavailable`. Only a primary is
 * asked: a standby may lag, and would confirm sessions that have ended.
 */
export interface LoginNumbers {
  /**
   * The user whose cookies carry this handle, or who has this id; null if there is none. With `create` a user who is not
   * there is added under this handle, with number 0.
   */
  find(who: { handle: string } | { id: string; create?: string }): Promise<NumberedUser | null>

  /**
   * Raises the number of a user and stores the purpose, in one transaction; gives the user under that number. It is durable when
   * this resolves: no number is given out twice. Null if there is no such user; `outdated`, and no effect, if the history is no
   * longer in use.
   */
  raise(handle: string, raise: Raise): Promise<NumberedUser | 'outdated' | null>
}

/** The open changes, in SQL: numbers that were raised and not closed yet. */
export interface Changes {
  /** Those of a user, lowest number first. */
  openOf(userId: string): Promise<OpenChange[]>

  /** Those raised more than `age` milliseconds ago, oldest first, at most `limit`. */
  openFor(age: number, limit: number): Promise<OpenChange[]>

  /** Closes these changes: they are done, or changed nothing. It is durable when this resolves. */
  close(done: readonly ClosedChange[]): Promise<void>
}

/** A change that is over. `did` is null if it changed no session. */
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

/** The histories of the store that are in use, in SQL: at most one for each server. */
export interface Histories {
  /** All that are in use. */
  list(): Promise<History[]>

  /**
   * Takes `history` into use, with a new stamp unless it was in use, and gives its stamp. All other histories go out of use; with
   * `related` only its parent and its children do. It is durable when this resolves, and every instance gets the same stamp.
   */
  open(history: string, parent: string, related: boolean): Promise<string>
}
