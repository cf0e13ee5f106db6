import type { EventType } from '../../schemas/timeline.ts'
import type { Transaction } from '../database/sql.ts'
import type { Device } from '../sessions/record.ts'

/** What can happen to an account. The API shows it, so the list is in `schemas/`. */
export { EVENT_TYPES, type EventType } from '../../schemas/timeline.ts'

/**
 * One event of an account. `by` is the device or the administrator who caused it, if it was not the user. If `by` has a `userId`,
 * the name is looked up when the event is read: it may have changed, and the name of a deleted user is not stored.
 */
export type TimelineEvent = {
  userId: string
  type: EventType
  /** Milliseconds since 1970. */
  at: number
  sessionId: string | null
  device: Device | null
  /** Masked. */
  ip: string | null
  by: { device: Device | null; ip: string | null; user: string | null; userId?: string } | null
  /** For a login: whether its device had no device cookie from an earlier login. */
  newDevice?: boolean | undefined
}

/** The form of the id of an event. */
export const EVENT_ID = /^[0-9a-z]{13}[0-9a-f]{8}$/

/** A stored event; `id` sorts by time. */
export type KeptEvent = TimelineEvent & { id: string }

/** The events of all accounts, in SQL. */
export interface Timeline {
  /** Stores an event soon. It never throws and never waits; use it for events that must not make a request fail. */
  record(event: TimelineEvent): void

  /** Stores events as a part of a transaction. An event whose `id` is stored already is skipped. */
  keep(events: readonly (TimelineEvent & { id?: string })[]): Transaction<void>

  /** A user's events, newest first, at most `limit`, older than the event `before`. */
  list(userId: string, page: { before: string | null; limit: number }): Promise<KeptEvent[]>

  /** Resolves when everything recorded so far is stored, or has failed. */
  flush(): Promise<void>

  /** Removes at most `limit` old events, and gives how many. */
  forgetSome(limit: number): Promise<number>

  /** Stores what is left, and stops. */
  close(): Promise<void>
}
