import type { EventType } from '../../schemas/timeline.ts'
import type { Transaction } from '../database/sql.ts'
import type { Device } from '../sessions/record.ts'

/** What can happen to an account. It is on the wire, so `schemas/` lists it. */
export { EVENT_TYPES, type EventType } from '../../schemas/timeline.ts'

/**
 * One line of an account's story. `by` is the device or the administrator behind it, where it was not the user's own. With
 * `userId` its name is looked up when the event is read: it may have changed, and that of a deleted user is not kept.
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
  /** Of a login: whether its device had no cookie from an earlier one. */
  newDevice?: boolean | undefined
}

/** What the id of an event looks like. */
export const EVENT_ID = /^[0-9a-z]{13}[0-9a-f]{8}$/

/** An event as it was kept; `id` sorts by time. */
export type KeptEvent = TimelineEvent & { id: string }

/** What happened to every account, in SQL. */
export interface Timeline {
  /** Keeps an event soon. Never throws and never waits: for what is not worth failing a request. */
  record(event: TimelineEvent): void

  /** Keeps events as a part of a transaction; one whose `id` is there already is the same event. */
  keep(events: readonly (TimelineEvent & { id?: string })[]): Transaction<void>

  /** A user's events, newest first, at most `limit`, older than the event `before`. */
  list(userId: string, page: { before: string | null; limit: number }): Promise<KeptEvent[]>

  /** Resolves when everything recorded so far is kept, or has failed to be. */
  flush(): Promise<void>

  /** Removes at most `limit` events that are too old, and gives how many. */
  forgetSome(limit: number): Promise<number>

  /** Keeps what is left, and stops. */
  close(): Promise<void>
}
