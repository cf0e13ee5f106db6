/**
 * What a session engine is: one text value per user, changed by compare-and-swap. All rules about sessions stand above
 * it, once, so that engines can differ in nothing but how they keep a value.
 */
export interface Register {
  /** The value under `handle`, null if there is none: one round trip, no lock, never a copy that may be old. */
  read(handle: string): Promise<string | null>

  /**
   * Puts `next` in place of `expected` (null: of nothing) in one atomic step, kept at least until `keepUntil`
   * (milliseconds since 1970). False, and no effect, if the value is another by now.
   */
  swap(handle: string, expected: string | null, next: string, keepUntil: number): Promise<boolean>

  /** The engine's own clock in milliseconds since 1970: the same for every instance that uses this engine. */
  now(): number

  /**
   * Names the server process and history that answers now. Another name means that acknowledged writes may be missing:
   * records confirmed under the old one are to be confirmed again. Throws `store_unavailable` while it is not known.
   */
  incarnation(): string

  /** Resolves if the engine answers; throws `store_unavailable` if not. */
  ping(): Promise<void>

  /** Lets go of connections and files that this engine opened. */
  close(): Promise<void>
}
