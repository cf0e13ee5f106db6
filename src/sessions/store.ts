/**
 * A session store keeps one text value per user and changes it by compare-and-swap. All rules about sessions are above it, so
 * stores differ only in how they keep a value.
 */
export interface SessionStore {
  /**
   * Whether this store can lose acknowledged writes that SQL keeps, as Redis can. `one`: one server at a time answers. `several`:
   * each server has keys of its own (a Cluster). `none`: sessions and login numbers are in one database, so this cannot happen.
   */
  readonly histories: 'none' | 'one' | 'several'

  /** The value under `handle`: one round trip, no lock, never from a replica. */
  read(handle: string): Promise<StoredValue>

  /**
   * Replaces `from` with `next` in one atomic step, and keeps it at least until `keepUntil` (milliseconds since 1970). False, and
   * no effect, if the value has changed since `from` was read, or the server has another history.
   */
  swap(handle: string, from: StoredValue, next: string, keepUntil: number): Promise<boolean>

  /**
   * The clock of the store, milliseconds since 1970, for every instance that uses this store: not ahead of the store, and not
   * behind its time at the last `read`. So a session that one instance saw expire is live on no other.
   */
  now(): number

  /** Resolves if the store answers and takes writes; throws `store_unavailable` if not. */
  ping(): Promise<void>

  /** Closes the connections and files that this store opened. */
  close(): Promise<void>
}

/** A value that was read, and the history of the server that answered. */
export type StoredValue = {
  /** The value, null if there is none. */
  text: string | null
  /**
   * The name of the server's history. If it changes, acknowledged writes may be missing. Empty if the store cannot lose writes
   * that SQL has.
   */
  history: string
  /** The history that this one was promoted from; empty if there is none. */
  parent: string
}
