import type { Transaction } from '../database/sql.ts'

/** By which way a message goes out. */
export const KINDS = ['mail', 'webhook'] as const
export type MessageKind = (typeof KINDS)[number]

/** Something that has to be told outside. */
export type Message = {
  kind: MessageKind
  /** What it is about, such as `login`. */
  type: string
  /** Whom it concerns: the messages of one user and kind go out one after another. Null: it waits for no other. */
  userId: string | null
  /** For `webhook` the body of the request; for `mail` what its deliverer reads. */
  body: string
  /** What tells it from every other message; made here if there is none. */
  id?: string
}

/** Messages to the outside, kept in SQL with the change that caused them until they have arrived. */
export interface Outbox {
  /** Keeps a message as a part of the transaction of its cause. One of a kind that nobody delivers is not kept. */
  add(message: Message): Transaction<void>
}

/**
 * Delivers a message, and throws if it did not arrive: then it is tried again. Gives up when `signal` is aborted. The same
 * message can come again although it had arrived, with the same `id`.
 */
export type Deliver = (message: Message & { id: string }, signal: AbortSignal) => Promise<void>
