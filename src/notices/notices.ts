/**
 * Notices tell other instances that a user's sessions have changed. A receiver reads the record again, so a notice that is lost,
 * late or doubled does no harm.
 */
export interface Notices {
  /** Sends a notice to every instance, with a text for `subscribeAll`. It never throws and never waits. */
  publish(handle: string, text?: string): void

  /** Calls `listener` for every notice about `handle`. Returns a function that stops this. */
  subscribe(handle: string, listener: () => void): () => void

  /** Calls `listener` with the text of every notice that has one. */
  subscribeAll(listener: (text: string) => void): void

  close(): Promise<void>
}
