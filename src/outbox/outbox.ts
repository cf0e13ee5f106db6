import type { Transaction } from '../database/sql.ts'

/** How a message is sent. */
export const KINDS = ['mail', 'webhook'] as const
export type MessageKind = (typeof KINDS)[number]

/** A message to a webhook or by mail. */
export type Message = {
  kind: MessageKind
  /** What it is about, such as `login`. */
  type: string
  /** The user it concerns. The messages of one user and kind are sent one after another. Null: it waits for no other. */
  userId: string | null
  /** For `webhook` the body of the request; for `mail` what its deliverer reads. */
  body: string
  /** A unique id; made if absent. */
  id?: string
}

/** Messages that are stored in SQL with the change that caused them, until they have arrived. */
export interface Outbox {
  /** Stores a message in the transaction of its cause. A message of a kind that is not delivered here is not stored. */
  add(message: Message): Transaction<void>
}

/**
 * Delivers a message. Throws if it did not arrive; then it is tried again. Stops when `signal` is aborted. A message that has
 * arrived may be delivered again with the same `id`.
 */
export type Deliver = (message: Message & { id: string }, signal: AbortSignal) => Promise<void>
