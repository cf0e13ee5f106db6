/**
 * What a session engine is: one text value per user, changed by compare-and-swap. All rules about sessions stand above
 * it, once, so that engines can differ in nothing but how they keep a value.
 */
export interface Register {
  /** What is under `handle`: one round trip, no lock, never from a copy that may be old. */
  read(handle: string): Promise<Reading>

  /**
   * Puts `next` in place of `expected` (null: of nothing) in one atomic step, kept at least until `keepUntil`
   * (milliseconds since 1970). False, and no effect, if the value is another by now.
   */
  swap(handle: string, expected: string | null, next: string, keepUntil: number): Promise<boolean>

  /**
   * The engine's own clock, milliseconds since 1970, the same for every instance that uses this engine: not ahead of the
   * engine, and not behind it as it was at the last `read`. So what one instance saw expire lives for no other.
   */
  now(): number

  /** Resolves if the engine answers; throws `store_unavailable` if not. */
  ping(): Promise<void>

  /** Lets go of connections and files that this engine opened. */
  close(): Promise<void>
}

/** What a read found, and whose word it is. */
export type Reading = {
  /** The value, null if there is none. */
  text: string | null
  /**
   * Names the server process and history that gave this answer. Another name means that acknowledged writes may be
   * missing: records confirmed under the old one are to be confirmed again.
   */
  incarnation: string
}
