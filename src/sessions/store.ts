/**
 * What a session store does: it keeps one text value per user and changes it by compare-and-swap. All rules about sessions
 * are above it, once, so that stores differ in nothing but how they keep a value.
 */
export interface SessionStore {
  /**
   * Whether this store can lose acknowledged writes while SQL keeps them, as Redis can. `one` server answers at a time, or
   * `several`, each with keys of its own (a Cluster). `none`: sessions and login numbers are in one database.
   */
  readonly histories: 'none' | 'one' | 'several'

  /** What is under `handle`: one round trip, no lock, never from a copy that may be old. */
  read(handle: string): Promise<StoredValue>

  /**
   * Puts `next` in place of `from` in one atomic step, kept at least until `keepUntil` (milliseconds since 1970). False, and
   * no effect, if the value is another by now, or if the server has another history than when `from` was read.
   */
  swap(handle: string, from: StoredValue, next: string, keepUntil: number): Promise<boolean>

  /**
   * The store's own clock, milliseconds since 1970, the same for every instance that uses this store: not ahead of the
   * store, and not behind it as it was at the last `read`. So what one instance saw expire lives for no other.
   */
  now(): number

  /** Resolves if the store answers and takes writes; throws `store_unavailable` if not. */
  ping(): Promise<void>

  /** Closes the connections and files that this store opened. */
  close(): Promise<void>
}

/** What a read found, and which server answered. */
export type StoredValue = {
  /** The value, null if there is none. */
  text: string | null
  /**
   * The name of the server's history. Another name means that acknowledged writes may be missing. Empty where nothing can
   * be lost apart from SQL.
   */
  history: string
  /** The history that this one was promoted from; empty if there is none. */
  parent: string
}
